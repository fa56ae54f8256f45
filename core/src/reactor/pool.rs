//! The pool: a few threads for work that would block the loop.
//!
//! It runs jobs; what becomes of their results is for the jobs to say.

use std::any::Any;
use std::collections::VecDeque;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::Settings;

/// Something to be done elsewhere.
pub(super) type Job = Box<dyn FnOnce() + Send>;

/// Why work that was taken on has no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WorkError {
    /// The job panicked, saying this.
    #[error("the work panicked: `{0}`")]
    Panicked(String),
}

/// The pool has no place for another job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pool's queue is full: `{waiting}` jobs wait, and at most that many may")]
pub struct QueueFull {
    /// The jobs that wait.
    pub waiting: usize,
}

/// Where blocking work is done.
pub(super) struct Pool {
    workplace: Workplace,
    queue_max: usize,
}

enum Workplace {
    /// On threads, started as they are needed.
    Threads { shared: Arc<Shared>, threads_max: usize },
    /// On the loop itself, while a simulated wait passes, unless it is held back.
    Inline { jobs: VecDeque<Job>, is_held: bool },
}

/// What the threads share.
#[derive(Default)]
struct Shared {
    desk: Mutex<Desk>,
    work_came: Condvar,
}

#[derive(Default)]
struct Desk {
    jobs: VecDeque<Job>,
    threads: usize,
    /// Threads that wait for a job.
    idle: usize,
    is_closed: bool,
}

impl Pool {
    pub(super) fn threaded(settings: &Settings) -> Self {
        let shared = Arc::default();
        let workplace = Workplace::Threads { shared, threads_max: settings.pool_threads };
        Self { workplace, queue_max: settings.pool_queue }
    }

    pub(super) fn inline(settings: &Settings) -> Self {
        Self {
            workplace: Workplace::Inline { jobs: VecDeque::new(), is_held: false },
            queue_max: settings.pool_queue,
        }
    }

    /// Takes a job on, and never waits for a place to do so.
    ///
    /// # Errors
    /// [`QueueFull`] if as many jobs wait as may, or there is no thread and none can be started.
    pub(super) fn submit(&mut self, job: Job) -> Result<(), QueueFull> {
        let taken = match &mut self.workplace {
            Workplace::Threads { shared, threads_max } => {
                shared.submit(job, *threads_max, self.queue_max)
            }
            Workplace::Inline { jobs, .. } if jobs.len() >= self.queue_max => {
                Err((QueueFull { waiting: jobs.len() }, job))
            }
            Workplace::Inline { jobs, .. } => {
                jobs.push_back(job);
                Ok(())
            }
        };
        taken.map_err(|(full, job)| {
            // What it holds may panic as it goes, and that must not end the loop.
            let _ = attempt(|| drop(job));
            full
        })
    }

    /// Whether jobs wait for the loop itself to run them.
    pub(super) fn has_inline(&self) -> bool {
        matches!(&self.workplace, Workplace::Inline { jobs, is_held: false } if !jobs.is_empty())
    }

    /// Runs the jobs that wait for the loop itself.
    pub(super) fn run_inline(&mut self) {
        if let Workplace::Inline { jobs, is_held: false } = &mut self.workplace {
            mem::take(jobs).into_iter().for_each(|job| job());
        }
    }

    /// How many jobs wait, and how many are being done.
    pub(super) fn jobs(&self) -> (usize, usize) {
        match &self.workplace {
            Workplace::Threads { shared, .. } => {
                let desk = shared.lock();
                (desk.jobs.len(), desk.threads - desk.idle)
            }
            Workplace::Inline { jobs, .. } => (jobs.len(), 0),
        }
    }

    /// Holds back the jobs that wait for the loop itself, or lets them run.
    pub(super) fn hold_inline(&mut self, holds: bool) {
        if let Workplace::Inline { is_held, .. } = &mut self.workplace {
            *is_held = holds;
        }
    }
}

impl Drop for Pool {
    /// Drops the jobs that wait and lets the threads end; one that never returns is not waited for.
    fn drop(&mut self) {
        if let Workplace::Threads { shared, .. } = &self.workplace {
            let mut desk = shared.lock();
            desk.is_closed = true;
            let dropped = mem::take(&mut desk.jobs);
            drop(desk);
            for job in dropped {
                // What it holds may panic as it goes, and the others have to go too.
                let _ = attempt(|| drop(job));
            }
            shared.work_came.notify_all();
        }
    }
}

impl Shared {
    /// Takes a job on, or gives it back.
    fn submit(
        self: &Arc<Self>,
        job: Job,
        threads_max: usize,
        queue_max: usize,
    ) -> Result<(), (QueueFull, Job)> {
        let mut desk = self.lock();
        let waiting = desk.jobs.len();
        // A job for which a thread is idle or can be started does not wait.
        let places = queue_max + desk.idle;
        if waiting >= places && desk.threads >= threads_max {
            return Err((QueueFull { waiting }, job));
        }
        if waiting >= desk.idle && desk.threads < threads_max {
            desk.threads += 1;
            let shared = Arc::clone(self);
            let name = format!("crampon-work-{}", desk.threads);
            if thread::Builder::new().name(name).spawn(move || shared.work()).is_err() {
                desk.threads -= 1;
                if desk.threads == 0 {
                    return Err((QueueFull { waiting }, job));
                }
            }
        }
        desk.jobs.push_back(job);
        drop(desk);
        self.work_came.notify_one();
        Ok(())
    }

    /// Does one job after another until the pool closes: what each thread is for.
    fn work(&self) {
        let mut desk = self.lock();
        while !desk.is_closed {
            if let Some(job) = desk.jobs.pop_front() {
                drop(desk);
                // A job catches its own panic; one in dropping what it held must not end us.
                let _ = attempt(job);
                desk = self.lock();
            } else {
                desk.idle += 1;
                desk = self.work_came.wait(desk).unwrap_or_else(PoisonError::into_inner);
                desk.idle -= 1;
            }
        }
    }

    /// The desk; nothing panics while it is held.
    fn lock(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does a piece of work and catches its panic.
pub(super) fn attempt<T>(job: impl FnOnce() -> T) -> Result<T, WorkError> {
    panic::catch_unwind(AssertUnwindSafe(job))
        .map_err(|panic| WorkError::Panicked(saying(panic.as_ref())))
}

/// What a panic said.
fn saying(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic with no message").to_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn pool(pool_threads: usize, pool_queue: usize) -> Pool {
        Pool::threaded(&Settings { pool_threads, pool_queue, ..Settings::default() })
    }

    /// A job that says when it has begun and goes on when told to.
    fn held() -> (Job, mpsc::Receiver<()>, mpsc::Sender<()>) {
        let (begun, has_begun) = mpsc::channel();
        let (go, may_go) = mpsc::channel();
        let job = Box::new(move || {
            begun.send(()).expect("the test waits for it");
            let _ = may_go.recv();
        });
        (job, has_begun, go)
    }

    #[test]
    fn as_many_jobs_run_at_once_as_there_are_threads() {
        let mut pool = pool(3, 1);
        let jobs: Vec<_> = (0..3)
            .map(|_| {
                let (job, has_begun, go) = held();
                pool.submit(job).expect("a thread is started for it");
                (has_begun, go)
            })
            .collect();
        for (has_begun, _go) in &jobs {
            has_begun.recv().expect("all of them begin before one ends");
        }
    }

    #[test]
    fn a_full_queue_is_an_error_and_not_a_wait() {
        let mut pool = pool(1, 2);
        let (job, has_begun, go) = held();
        pool.submit(job).expect("it runs");
        has_begun.recv().expect("it has begun");
        pool.submit(Box::new(|| ())).expect("one waits");
        pool.submit(Box::new(|| ())).expect("two wait");
        assert_eq!(pool.submit(Box::new(|| ())), Err(QueueFull { waiting: 2 }));
        drop(go);
    }

    #[test]
    fn a_thread_that_has_nothing_to_do_is_used_again() {
        let mut pool = pool(4, 4);
        let Workplace::Threads { shared, .. } = &pool.workplace else { unreachable!() };
        let shared = Arc::clone(shared);
        for _ in 0..3 {
            let (done, is_done) = mpsc::channel();
            pool.submit(Box::new(move || done.send(()).expect("the test waits")))
                .expect("there is room");
            is_done.recv().expect("it is done");
            while shared.lock().idle == 0 {
                thread::yield_now();
            }
        }
        assert_eq!(shared.lock().threads, 1);
    }

    #[test]
    fn a_dropped_pool_drops_what_waits_and_waits_for_nobody() {
        let mut pool = pool(1, 2);
        let (job, has_begun, go) = held();
        pool.submit(job).expect("it runs");
        has_begun.recv().expect("it has begun");
        let (done, is_done) = mpsc::channel::<()>();
        pool.submit(Box::new(move || drop(done))).expect("it waits");
        drop(pool);
        is_done.recv().expect_err("dropped, not run");
        drop(go);
    }

    #[test]
    fn a_panic_is_told_in_its_own_words() {
        let told = |saying: &str| Err(WorkError::Panicked(saying.to_owned()));
        assert_eq!(attempt(|| 7), Ok(7));
        assert_eq!(attempt::<()>(|| panic!("no such disk")), told("no such disk"));
        assert_eq!(attempt::<()>(|| panic!("no disk {}", 7)), told("no disk 7"));
        let odd = || panic::panic_any(7);
        assert_eq!(attempt::<()>(odd), told("a panic with no message"));
    }
}
