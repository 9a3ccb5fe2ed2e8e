-- Until when a site wants no further request (robots.txt: Crawl-delay), where that is longer than a visit waits.
ALTER TABLE sources ADD COLUMN rests BIGINT;
-- Why a page of a visit under way did not come; it is not asked for again in that visit.
ALTER TABLE pages ADD COLUMN cause TEXT;
