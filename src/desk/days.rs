//! The parts of the day and the days of the week, by name.

use chrono::{NaiveTime, Weekday};

use super::hours::{Span, clock};

/// A part of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Morning,
    Noon,
    Afternoon,
    Evening,
    Night,
    Day,
    Work,
}

/// How parts of the day are called.
pub(super) const PARTS: &[(&str, Part)] = &[
    ("ban đêm", Part::Night),
    ("buổi đêm", Part::Night),
    ("về đêm", Part::Night),
    ("nửa đêm", Part::Night),
    ("đêm khuya", Part::Night),
    ("đêm hôm", Part::Night),
    ("khuya", Part::Night),
    ("đêm", Part::Night),
    ("giờ ngủ", Part::Night),
    ("giờ đi ngủ", Part::Night),
    ("lúc ngủ", Part::Night),
    ("khi ngủ", Part::Night),
    ("at night", Part::Night),
    ("night", Part::Night),
    ("overnight", Part::Night),
    ("buổi tối", Part::Evening),
    ("ban tối", Part::Evening),
    ("tối", Part::Evening),
    ("evening", Part::Evening),
    ("buổi trưa", Part::Noon),
    ("ban trưa", Part::Noon),
    ("giấc trưa", Part::Noon),
    ("giờ trưa", Part::Noon),
    ("nghỉ trưa", Part::Noon),
    ("giờ nghỉ trưa", Part::Noon),
    ("ngủ trưa", Part::Noon),
    ("giờ ngủ trưa", Part::Noon),
    ("trưa", Part::Noon),
    ("at noon", Part::Noon),
    ("noon", Part::Noon),
    ("buổi sáng", Part::Morning),
    ("ban sáng", Part::Morning),
    ("sáng sớm", Part::Morning),
    ("sáng", Part::Morning),
    ("morning", Part::Morning),
    ("buổi chiều", Part::Afternoon),
    ("chiều", Part::Afternoon),
    ("afternoon", Part::Afternoon),
    ("ban ngày", Part::Day),
    ("giờ làm việc", Part::Work),
    ("giờ hành chính", Part::Work),
    ("giờ làm", Part::Work),
    ("working hours", Part::Work),
];

/// How the days of the week are called.
pub(super) const WEEKDAYS: &[(&str, Weekday)] = &[
    ("thứ hai", Weekday::Mon),
    ("thứ 2", Weekday::Mon),
    ("t 2", Weekday::Mon),
    ("monday", Weekday::Mon),
    ("thứ ba", Weekday::Tue),
    ("thứ 3", Weekday::Tue),
    ("t 3", Weekday::Tue),
    ("tuesday", Weekday::Tue),
    ("thứ tư", Weekday::Wed),
    ("thứ 4", Weekday::Wed),
    ("t 4", Weekday::Wed),
    ("wednesday", Weekday::Wed),
    ("thứ năm", Weekday::Thu),
    ("thứ 5", Weekday::Thu),
    ("t 5", Weekday::Thu),
    ("thursday", Weekday::Thu),
    ("thứ sáu", Weekday::Fri),
    ("thứ 6", Weekday::Fri),
    ("t 6", Weekday::Fri),
    ("friday", Weekday::Fri),
    ("thứ bảy", Weekday::Sat),
    ("thứ bẩy", Weekday::Sat),
    ("thứ 7", Weekday::Sat),
    ("t 7", Weekday::Sat),
    ("cuối tuần", Weekday::Sat),
    ("saturday", Weekday::Sat),
    ("chủ nhật", Weekday::Sun),
    ("chúa nhật", Weekday::Sun),
    ("cn", Weekday::Sun),
    ("sunday", Weekday::Sun),
];

impl Part {
    /// The hours that it is.
    pub(super) fn span(self) -> Option<Span> {
        let (from, to) = match self {
            Self::Morning => ((6, 0), (11, 0)),
            Self::Noon => ((11, 30), (13, 30)),
            Self::Afternoon => ((13, 0), (18, 0)),
            Self::Evening => ((19, 0), (6, 0)),
            Self::Night => ((22, 0), (6, 0)),
            Self::Day => ((7, 0), (18, 0)),
            Self::Work => ((8, 0), (17, 0)),
        };
        Some(Span { from: clock(from.0, from.1)?, to: clock(to.0, to.1)? })
    }

    /// When something comes that comes once in it.
    pub(super) fn moment(self) -> Option<NaiveTime> {
        match self {
            Self::Morning | Self::Day | Self::Work => clock(7, 0),
            Self::Noon => clock(12, 0),
            Self::Afternoon => clock(17, 0),
            Self::Evening => clock(19, 0),
            Self::Night => clock(21, 0),
        }
    }

    /// This hour of it, of 24; `None` where it has no such hour.
    pub(super) fn hour(self, said: u32) -> Option<u32> {
        match (self, said) {
            (Self::Morning, 0..=11) | (Self::Noon, 11..=14) | (Self::Afternoon, 12..=18) => Some(said),
            (Self::Evening, 17..=23) | (Self::Night, 0..=5 | 20..=23) | (Self::Day | Self::Work, 0..=23) => Some(said),
            (Self::Noon, 1..=2) | (Self::Afternoon, 1..=6) | (Self::Evening, 5..=11) | (Self::Night, 8..=11) => Some(said + 12),
            (Self::Evening | Self::Night, 12 | 24) => Some(0),
            _ => None,
        }
    }
}
