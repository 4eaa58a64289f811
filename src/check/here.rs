//! Checks that run in the process that asks, on the thread that asks: a second process costs more than a
//! request to a server nearby.

use crate::redact::{Redactor, Secrets};

use super::course::{Course, Ended};
use super::probe;
use super::request::{Answer, Request, Task};

/// Where they run.
#[derive(Default)]
pub struct Here {
    redacting: Redacting,
}

impl Here {
    /// Gets ready beside what else is to be done before the first check.
    pub fn warm_up() {
        // Where no thread can be had, it is only slower.
        let _ = std::thread::Builder::new().spawn(probe::warm_up);
    }

    /// Runs what does not need a worker, until it ends or is `over`.
    pub fn ask(&mut self, request: &Request, over: &(dyn Fn() -> bool + Sync)) -> Answer {
        self.redacting.answer(request, |course| match &request.task {
            Task::Probe(ask) => course.observe_here(ask, over),
            Task::Script(_) => Ended::Never("a script runs in a worker".to_owned()),
        })
    }
}

/// All checks of a run have the same secrets, and looking for many takes long to prepare.
#[derive(Default)]
pub(super) struct Redacting(Option<(Secrets, Redactor)>);

impl Redacting {
    /// What comes of a check that runs its course in `watch`.
    pub(super) fn answer(
        &mut self,
        request: &Request,
        watch: impl FnOnce(&mut Course<'_>) -> Ended,
    ) -> Answer {
        let redactor = self.of(&request.secrets);
        // Of what a secret is taken from, nobody knows yet what of it is secret.
        let hidden = request.saves_secret().map(Redactor::everything);
        let mut course = Course::new(request, redactor, hidden.as_ref());
        let end = watch(&mut course);
        course.answer(end)
    }

    fn of(&mut self, secrets: &Secrets) -> &Redactor {
        let known = self.0.take().filter(|(known, _)| known == secrets);
        let (_, redactor) =
            self.0.insert(known.unwrap_or_else(|| (secrets.clone(), Redactor::new(secrets))));
        redactor
    }
}
