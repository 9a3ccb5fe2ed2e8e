//! `loaphuong feeds`: all feed files again, also beside a living daemon.

use super::{Context, Exit, once};
use crate::app::write_feeds;
use crate::phrases;

pub(super) async fn feeds(context: &Context) -> Exit {
    let config = match context.load() {
        Ok(config) => config,
        Err(exit) => return exit,
    };
    let turning = once::spinner(&phrases::feeds_under_way());
    let written = write_feeds(&config).await;
    turning.finish_and_clear();
    match written {
        Ok(files) => {
            context.redactor.say(&phrases::feeds_done(files, &config.feeds_dir));
            Exit::Well
        }
        Err(error) => context.failed(&error),
    }
}
