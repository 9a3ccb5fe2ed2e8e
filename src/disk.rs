//! How much room is left where the house writes. A disk that is full keeps news from being stored and
//! outcomes from being written down; the admin is to know while a message can still be sent.

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Less than this is scarce, on a disk that is large enough.
const SCARCE: u64 = 64 << 20;
/// Of a small disk, this part.
const PART: u64 = 20;

/// The room on a disk, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// What is left for us.
    pub free: u64,
    /// All of it.
    pub total: u64,
}

/// Tells the room where a folder stands; `None` where nothing tells.
pub type Gauge = Arc<dyn Fn(&Path) -> Option<Room> + Send + Sync>;

/// The folders that are written to, and how their room is told.
#[derive(Clone)]
pub struct Disk {
    dirs: Vec<PathBuf>,
    gauge: Gauge,
}

impl Room {
    const fn enough(self) -> u64 {
        let part = self.total / PART;
        if part < SCARCE { part } else { SCARCE }
    }

    /// Whether it is about to be used up; what `was` scarce is so until there is clearly more again.
    #[must_use]
    pub const fn is_scarce(self, was: bool) -> bool {
        self.free < if was { self.enough() * 3 / 2 } else { self.enough() }
    }
}

impl Disk {
    /// Of these folders, as this gauge tells.
    #[must_use]
    pub const fn new(dirs: Vec<PathBuf>, gauge: Gauge) -> Self {
        Self { dirs, gauge }
    }

    /// The folder with the least room, where that is scarce; `was` tells whether it has been so.
    #[must_use]
    pub fn scarcest(&self, was: bool) -> Option<(&Path, Room)> {
        let rooms = self.dirs.iter().filter_map(|dir| Some((dir.as_path(), (self.gauge)(dir)?)));
        rooms.filter(|(_, room)| room.is_scarce(was)).min_by_key(|(_, room)| room.free)
    }
}

/// Asks the system.
#[must_use]
pub fn gauge() -> Gauge {
    Arc::new(|dir| {
        let told = rustix::fs::statvfs(dir).ok()?;
        Some(Room { free: told.f_bavail * told.f_frsize, total: told.f_blocks * told.f_frsize })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scarce_is_a_small_part_of_a_small_disk_and_some_megabytes_of_a_large_one() {
        let room = |free: u64, total: u64| Room { free: free << 20, total: total << 20 };
        for (room, was, want) in [
            (room(63, 20_000), false, true),
            (room(65, 20_000), false, false),
            (room(65, 20_000), true, true),
            (room(97, 20_000), true, false),
            (room(30, 500), false, false),
            (room(24, 500), false, true),
            (room(0, 6), false, true),
            (room(0, 0), false, false),
        ] {
            assert_eq!(room.is_scarce(was), want, "{room:?} {was}");
        }
    }

    #[test]
    fn the_system_tells_the_room_of_a_folder_that_is_there() {
        let dir = std::env::temp_dir();
        assert!(gauge()(&dir).is_some_and(|room| room.total >= room.free));
        assert_eq!(gauge()(&dir.join("không-có")), None);
    }
}
