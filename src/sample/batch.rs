//! Many saved pages, read on every core.

use std::collections::HashMap;
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::Arc;

use url::Url;

use super::{LIMIT, Readers, Sample, Shape, View, article, look, many, saved};
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
#[derive(Clone)]
struct Job {
    page: Page,
    source: Arc<dyn Source>,
    visit: Visit,
}

type Prepared = Result<Job, Box<View>>;

impl Batch<'_> {
    /// Reads each file by itself and tells what was seen, in the order of `files`.
    pub fn each(&self, files: &[Saved], mut told: impl FnMut(&Saved, View)) {
        let shape = self.shape;
        let work = move |readers: &Readers, file: &Saved| read(&prepare(readers, file), shape);
        self.run(files, work, slow, |at, view| {
            if let Some(file) = files.get(at) {
                told(file, view);
            }
        });
    }

    /// Reads files that are all of one site: they teach its frame before they are read by it.
    pub fn site(&self, files: &[Saved], mut told: impl FnMut(&Saved, View)) {
        let mut jobs: Vec<Prepared> = Vec::new();
        self.run(files, prepare, |file| Err(Box::new(slow(file))), |_, job| jobs.push(job));
        let mut seen = Vec::new();
        again(&jobs, None, |_, view| seen.push(view));
        teach(&mut jobs, seen);
        again(&jobs, self.shape, |at, view| {
            if let Some(file) = files.get(at) {
                told(file, view);
            }
        });
    }

    /// Does the same with every file on every core; `late` is what stands for one that takes too long.
    fn run<T: Send + 'static>(
        &self,
        files: &[Saved],
        work: impl Fn(&Readers, &Saved) -> T + Send + Sync + 'static,
        late: impl Fn(&Saved) -> T + Send + Sync + Copy + 'static,
        mut told: impl FnMut(usize, T),
    ) {
        let (readers, all) = (self.sample.readers(), files.to_vec());
        let work = move |at: usize| all.get(at).map(|file| work(&readers, file));
        many::in_order(files.len(), LIMIT, Arc::new(work), |at, result| {
            let result = result.flatten().or_else(|| files.get(at).map(late));
            result.into_iter().for_each(|result| told(at, result));
        });
    }
}

fn prepare(readers: &Readers, file: &Saved) -> Prepared {
    let page = saved::page(&file.path, file.url.clone())?;
    let source = readers.of(&page.url, &page).map_err(|what| Box::new(View::trouble(page.url.clone(), what)))?;
    Ok(Job { visit: article(&page.url), source, page })
}

fn read(job: &Prepared, shape: Option<Shape>) -> View {
    match job {
        Ok(job) => many::guarded(&job.page.url, || look(&*job.source, &job.visit, &job.page, shape)),
        Err(view) => (**view).clone(),
    }
}

/// Reads pages that are at hand on every core.
fn again(jobs: &[Prepared], shape: Option<Shape>, mut told: impl FnMut(usize, View)) {
    let all = jobs.to_vec();
    let work = move |at: usize| all.get(at).map(|job| read(job, shape)).unwrap_or_default();
    many::in_order(jobs.len(), LIMIT, Arc::new(work), |at, view| {
        let late =
            || jobs.get(at).and_then(|job| job.as_ref().ok()).map(|job| View::trouble(job.page.url.clone(), phrases::page_too_slow()));
        told(at, view.or_else(late).unwrap_or_default());
    });
}

fn slow(file: &Saved) -> View {
    let place = file.url.clone().or_else(|| Url::from_file_path(std::path::absolute(&file.path).ok()?).ok());
    place.map(|url| View::trouble(url, phrases::page_too_slow())).unwrap_or_default()
}

/// Gives every page the source that all of them teach, and what the lists among them say of it.
fn teach(jobs: &mut [Prepared], seen: Vec<View>) {
    let lesson = lesson(jobs, &seen);
    let listed = seen.into_iter().flat_map(|view| view.links);
    let known: HashMap<String, Visit> = listed.map(|visit| (discover::key(&visit.url), visit)).collect();
    let taught = teacher(jobs, &lesson).and_then(|source| taught(&*source, &lesson));
    for job in jobs.iter_mut().flatten().filter(|job| !discover::is_feed(&job.page)) {
        if let Some(source) = &taught {
            job.source = source.clone();
        }
        if let Some(visit) = known.get(&discover::key(&job.page.url)) {
            job.visit = visit.clone();
        }
    }
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
