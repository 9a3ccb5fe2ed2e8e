//! Many saved pages, read on every core.

use std::collections::HashMap;
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::Arc;

use url::Url;

use super::{LIMIT, Sample, Shape, View, article, look, many, saved};
use crate::page::Page;
use crate::phrases;
use crate::source::{Source, Visit, discover};

/// So many pages teach a site's frame; more say nothing new.
const LESSON: usize = 60;

/// A page in a file.
#[derive(Debug, Clone)]
pub struct Saved {
    /// The file.
    pub path: PathBuf,
    /// Where it came from, where that is known.
    pub url: Option<Url>,
}

/// How many saved pages are read. Nothing is fetched.
#[derive(Clone, Copy)]
pub struct Batch<'a> {
    /// What reads them.
    pub sample: Sample<'a>,
    /// What they are; `None` to find out for each.
    pub shape: Option<Shape>,
}

/// A page with what reads it.
struct Job {
    page: Page,
    source: Arc<dyn Source>,
    visit: Visit,
}

type Prepared = Result<Job, Box<View>>;

impl Batch<'_> {
    /// Reads each file by itself and tells what was seen, in the order of `files`.
    pub fn each(&self, files: &[Saved], mut told: impl FnMut(&Saved, View)) {
        // A few hundred at a time: the pages are in memory while they wait.
        for files in files.chunks(256) {
            let jobs = files.iter().map(|file| self.prepare(file)).collect();
            run(jobs, self.shape, |at, view| {
                if let Some(file) = files.get(at) {
                    told(file, view);
                }
            });
        }
    }

    /// Reads files that are all of one site: they teach its frame before they are read by it.
    pub fn site(&self, files: &[Saved], mut told: impl FnMut(&Saved, View)) {
        let mut jobs: Vec<Prepared> = files.iter().map(|file| self.prepare(file)).collect();
        let mut seen = Vec::new();
        run(jobs.iter().map(copy).collect(), None, |_, view| seen.push(view));
        let lesson = lesson(&jobs, &seen);
        let listed = seen.into_iter().flat_map(|view| view.links);
        let known: HashMap<String, Visit> = listed.map(|visit| (discover::key(&visit.url), visit)).collect();
        let taught = teacher(&jobs, &lesson).and_then(|source| taught(&*source, &lesson));
        for job in jobs.iter_mut().flatten().filter(|job| !discover::is_feed(&job.page)) {
            if let Some(source) = &taught {
                job.source = source.clone();
            }
            if let Some(visit) = known.get(&discover::key(&job.page.url)) {
                job.visit = visit.clone();
            }
        }
        run(jobs, self.shape, |at, view| {
            if let Some(file) = files.get(at) {
                told(file, view);
            }
        });
    }

    fn prepare(&self, file: &Saved) -> Prepared {
        let page = saved::page(&file.path, file.url.clone())?;
        let source = self.sample.reader(&page.url, &page).map_err(|what| Box::new(View::trouble(page.url.clone(), what)))?;
        Ok(Job { visit: article(&page.url), source, page })
    }
}

fn copy(job: &Prepared) -> Prepared {
    match job {
        Ok(job) => Ok(Job { page: job.page.clone(), source: job.source.clone(), visit: job.visit.clone() }),
        // What could not be prepared is told at the end, from the original.
        Err(_) => Err(Box::default()),
    }
}

fn run(jobs: Vec<Prepared>, shape: Option<Shape>, mut told: impl FnMut(usize, View)) {
    let addresses: Vec<Option<Url>> = jobs.iter().map(|job| job.as_ref().ok().map(|job| job.page.url.clone())).collect();
    let jobs: Vec<_> = jobs.into_iter().map(|job| std::sync::Mutex::new(Some(job))).collect();
    let work = move |at: usize| {
        let job = jobs.get(at).and_then(|job| job.lock().ok()?.take());
        match job {
            Some(Ok(job)) => many::guarded(&job.page.url, || look(&*job.source, &job.visit, &job.page, shape)),
            Some(Err(view)) => *view,
            None => View::default(),
        }
    };
    many::in_order(addresses.len(), LIMIT, Arc::new(work), |at, view| {
        let slow = || match addresses.get(at) {
            Some(Some(url)) => View::trouble(url.clone(), phrases::page_too_slow()),
            Some(None) | None => View::default(),
        };
        told(at, view.unwrap_or_else(slow));
    });
}

/// The pages that were understood, lists as lists and articles with what the lists say of them.
fn lesson(jobs: &[Prepared], seen: &[View]) -> Vec<(Visit, Page)> {
    let pairs = jobs.iter().zip(seen).filter_map(|(job, view)| Some((job.as_ref().ok()?, view)));
    let visits = pairs.filter(|(_, view)| view.found_something()).map(|(job, view)| {
        let listing = !view.links.is_empty();
        let here = discover::key(&job.page.url);
        let known = || seen.iter().flat_map(|view| &view.links).find(|visit| discover::key(&visit.url) == here).cloned();
        let visit = if listing { Visit::listing(job.page.url.clone()) } else { known().unwrap_or_else(|| job.visit.clone()) };
        (visit, job.page.clone())
    });
    let mut lesson: Vec<_> = visits.collect();
    // The lists come first: they say what the articles are called.
    lesson.sort_by_key(|(visit, _)| visit.guid.is_some());
    lesson.truncate(LESSON);
    lesson
}

/// The source as the lesson teaches it; a lesson that breaks the learner teaches nothing.
fn taught(source: &dyn Source, lesson: &[(Visit, Page)]) -> Option<Arc<dyn Source>> {
    let learn = AssertUnwindSafe(|| source.taught(&source.learn(lesson)?));
    panic::catch_unwind(learn).ok().flatten()
}

/// The source that learns: that of the first list, else of the first page.
fn teacher(jobs: &[Prepared], lesson: &[(Visit, Page)]) -> Option<Arc<dyn Source>> {
    let first = &lesson.first()?.1.url;
    jobs.iter().flatten().find(|job| job.page.url == *first).map(|job| job.source.clone())
}
