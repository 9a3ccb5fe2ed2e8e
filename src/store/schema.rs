//! The steps that brought the schema to what it is, the same for both engines.

/// The steps of one engine, each with its number.
macro_rules! steps {
    ($engine:literal) => {
        &[
            (1, include_str!(concat!("migrations/", $engine, "/0001_first.sql"))),
            (2, include_str!(concat!("migrations/", $engine, "/0002_change_over_time.sql"))),
            (3, include_str!(concat!("migrations/", $engine, "/0003_files_and_pages.sql"))),
            (4, include_str!(concat!("migrations/", $engine, "/0004_turns.sql"))),
            (5, include_str!(concat!("migrations/", $engine, "/0005_subscriptions.sql"))),
            (6, include_str!(concat!("migrations/", $engine, "/0006_memory.sql"))),
            (7, include_str!(concat!("migrations/", $engine, "/0007_leavers.sql"))),
            (8, include_str!(concat!("migrations/", $engine, "/0008_second_ways.sql"))),
            (9, include_str!(concat!("migrations/", $engine, "/0009_corrections.sql"))),
            (10, include_str!(concat!("migrations/", $engine, "/0010_bursts.sql"))),
            (12, include_str!(concat!("migrations/", $engine, "/0012_files_waiting.sql"))),
            (13, include_str!(concat!("migrations/", $engine, "/0013_recent.sql"))),
            (14, include_str!(concat!("migrations/", $engine, "/0014_search.sql"))),
            (15, include_str!(concat!("migrations/", $engine, "/0015_archives.sql"))),
            (16, include_str!(concat!("migrations/", $engine, "/0016_hub.sql"))),
            (17, include_str!(concat!("migrations/", $engine, "/0017_troubles.sql"))),
            (18, include_str!(concat!("migrations/", $engine, "/0018_feed_ids.sql"))),
            (19, include_str!(concat!("migrations/", $engine, "/0019_heard.sql"))),
            (20, include_str!(concat!("migrations/", $engine, "/0020_rests.sql"))),
            (21, include_str!(concat!("migrations/", $engine, "/0021_slow_sites.sql"))),
            (22, include_str!(concat!("migrations/", $engine, "/0022_settings.sql"))),
        ]
    };
}

pub(super) const SQLITE: &[(i64, &str)] = steps!("sqlite");
pub(super) const POSTGRES: &[(i64, &str)] = steps!("postgres");
/// The newest schema that this build knows.
pub(super) const SCHEMA: i64 = match SQLITE {
    [.., (newest, _)] => *newest,
    [] => 0,
};
