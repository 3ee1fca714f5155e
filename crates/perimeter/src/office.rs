//! The thread that talks to providers of identity, on behalf of all workers.
//!
//! A job that was taken on is finished even if nobody waits for it any more: a refresh whose browser has gone away
//! must still save the token that the provider rotated. All jobs share one thread, so single flights need no locks.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::thread::JoinHandle;

use frontdesk_adapter::{HttpClient, HttpClientFactory};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// What a job may use: it runs on the office's own thread.
#[derive(Clone)]
pub struct Desk {
    pub http: Rc<dyn HttpClient>,
}

type Job = Box<dyn FnOnce(Desk) -> Pin<Box<dyn Future<Output = ()>>> + Send>;

/// A handle to the thread; clones share it. It ends when the last handle is dropped and every job is done.
#[derive(Clone)]
pub struct Office {
    jobs: mpsc::UnboundedSender<Job>,
}

/// The office has closed: the process is about to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server is stopping")]
pub struct Closed;

impl Office {
    /// Starts the thread.
    ///
    /// # Errors
    /// There is no thread to be had, or none that can wait for anything.
    pub fn open(http: Arc<dyn HttpClientFactory>) -> io::Result<(Self, JoinHandle<()>)> {
        let (jobs, mut waiting) = mpsc::unbounded_channel::<Job>();
        let runtime = tokio::runtime::Builder::new_current_thread();
        let (starting, started) = std::sync::mpsc::sync_channel(1);
        let work = move || {
            let mut runtime = runtime;
            let built = runtime.enable_all().build_local(tokio::runtime::LocalOptions::default());
            let runtime = match built {
                Ok(runtime) => runtime,
                Err(error) => return drop(starting.send(Err(error))),
            };
            let _ = starting.send(Ok(()));
            runtime.block_on(async move {
                let desk = Desk { http: http.client() };
                let mut running = tokio::task::JoinSet::new();
                loop {
                    tokio::select! {
                        job = waiting.recv() => match job {
                            Some(job) => { running.spawn_local(job(desk.clone())); }
                            None => break,
                        },
                        // A job that panicked has dropped its answer, which its asker sees.
                        Some(_) = running.join_next() => {}
                    }
                }
                while running.join_next().await.is_some() {}
            });
        };
        let thread = std::thread::Builder::new().name("office".to_owned()).spawn(work)?;
        started.recv().unwrap_or_else(|_| Err(io::Error::other("the thread has ended")))?;
        Ok((Self { jobs }, thread))
    }

    /// Has `job` done, and waits for what it gives. Dropping the future does not stop the job.
    pub async fn ask<T, F, R>(&self, job: F) -> Result<T, Closed>
    where
        T: Send + 'static,
        F: FnOnce(Desk) -> R + Send + 'static,
        R: Future<Output = T> + 'static,
    {
        let (done, waiting) = oneshot::channel();
        self.post(move |desk| async move {
            // Nobody waits any more: the work was done all the same.
            let _ = done.send(job(desk).await);
        });
        waiting.await.map_err(|_| Closed)
    }

    /// Has `job` done some time.
    pub fn post<F, R>(&self, job: F)
    where
        F: FnOnce(Desk) -> R + Send + 'static,
        R: Future<Output = ()> + 'static,
    {
        // Only fails when the process ends.
        let _ = self.jobs.send(Box::new(move |desk| Box::pin(job(desk))));
    }
}
