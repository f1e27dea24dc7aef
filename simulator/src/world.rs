//! One world: the hosts, their calls, and all that they share, in virtual time.

use crate::{
    clock::Clocks,
    dice::Dice,
    faults::{APART, LEASE, Plan},
    history::{Call, Ended, Event, Fault, History, Job},
    parts::Parts,
};
use msgcompose_host::{App, Broker, Clock, Error, KeyValue, Message, Outcome, Pool, Random, Services, keyvalue};
use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroUsize,
    ops::Deref,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Notify, Semaphore, mpsc},
    time::{Instant, sleep, sleep_until, timeout},
};

/// Longer than anything takes, in virtual time.
const DAY: Duration = Duration::from_hours(24);

/// The number of shared instances on each host, if the mailbox is in memory. Each makes one request at once, because the
/// guest is sync.
const SHARED: usize = 6;

/// How often the broker delivers a reply that a handler did not take.
const ATTEMPTS: usize = 6;

/// The timeout of the requests that sweep the seats, in milliseconds.
pub const SWEEP: u64 = 2_000;

/// A world. Clones are the same world.
#[derive(Clone)]
pub struct World(Arc<Inner>);

/// What a world has.
pub struct Inner {
    /// What the seed drew.
    pub plan: Plan,
    parts: &'static Parts,
    start: Instant,
    clocks: Vec<Arc<Clocks>>,
    pools: Mutex<Vec<Arc<Pool>>>,
    /// For each host, permits for its shared instances.
    permits: Vec<Semaphore>,
    state: Mutex<State>,
    /// The number of tasks that run.
    busy: AtomicUsize,
    idle: Notify,
}

/// What changes while a world runs.
pub struct State {
    /// Where everything is drawn from.
    pub dice: Dice,
    /// What happened.
    pub history: History,
    /// The bucket.
    pub map: BTreeMap<String, Vec<u8>>,
    /// The values before the last writes.
    pub older: BTreeMap<String, Option<Vec<u8>>>,
    /// The shared instances that make no request, by host.
    free: Vec<Vec<usize>>,
    /// The shared instance that has an inbox.
    pub inboxes: BTreeMap<String, usize>,
    /// Whether faults are over.
    pub quiet: bool,
    /// The number of replies that were sent.
    pub replies: usize,
    calls: usize,
    panicked: bool,
}

/// What became of a world.
pub struct Run {
    /// What the seed drew.
    pub plan: Plan,
    /// What happened.
    pub history: History,
    /// Whether the simulator itself failed.
    pub panicked: bool,
    /// The dropped replies that shared instances counted, by reason. Those in a bucket are in the history.
    pub dropped: BTreeMap<String, u64>,
}

/// A call of a component, as store and broker see it.
#[derive(Clone)]
pub struct Caller {
    /// The world.
    pub world: World,
    /// The call.
    pub call: Call,
    /// The shared instance, if it is one.
    pub instance: Option<usize>,
    death: Arc<Death>,
}

/// When a call is killed.
#[derive(Default)]
struct Death {
    /// The number of host calls before that, and whether the last one has its effect.
    after: Mutex<Option<(u64, bool)>>,
    now: Notify,
}

/// Runs a world from beginning to end.
pub fn run(parts: &'static Parts, plan: Plan) -> anyhow::Result<Run> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    runtime.block_on(async {
        let world = World::new(parts, plan);
        let dropped = world.live().await;
        let World(inner) = world;
        let mut state = inner.state();
        let (history, panicked) = (std::mem::take(&mut state.history), state.panicked);
        drop(state);
        // Tasks that never ended may hold the world.
        let plan = Plan::clone(&inner.plan);
        Ok(Run { plan, history, panicked, dropped })
    })
}

impl Deref for World {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Inner {
    /// Locks what changes. A poisoned lock is fine: the panic is reported.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an event to the history.
    pub fn tell(&self, event: Event) {
        self.state().tell(self.now(), event);
    }

    /// Returns the time of the world in milliseconds.
    pub fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl State {
    /// Adds an event to the history.
    pub fn tell(&mut self, now: u64, event: Event) {
        self.history.0.push((now, event));
    }

    /// Draws whether a fault happens.
    pub fn happens(&mut self, in_a_million: u64) -> bool {
        !self.quiet && self.dice.chance(in_a_million)
    }
}

impl World {
    fn new(parts: &'static Parts, plan: Plan) -> Self {
        let start = Instant::now();
        let clocks = plan.hosts.iter().map(|machine| Arc::new(Clocks::new(start, machine))).collect();
        let state = State {
            dice: Dice::new(plan.seed),
            history: History::default(),
            map: BTreeMap::new(),
            older: BTreeMap::new(),
            free: (0..plan.hosts.len()).map(|host| (host * SHARED..(host + 1) * SHARED).collect()).collect(),
            inboxes: BTreeMap::new(),
            quiet: false,
            replies: 0,
            calls: 0,
            panicked: false,
        };
        let (pools, busy, idle) = Default::default();
        let permits = plan.hosts.iter().map(|_| Semaphore::new(SHARED)).collect();
        Self(Arc::new(Inner { plan, parts, start, clocks, pools, permits, state: Mutex::new(state), busy, idle }))
    }

    async fn live(&self) -> BTreeMap<String, u64> {
        for (host, machine) in self.plan.hosts.iter().enumerate() {
            for (_, ahead) in machine.wall.iter().filter(|(_, ahead)| *ahead != 0) {
                let text = format!("of host {host} by {ahead} ms");
                self.tell(Event::Broker { fault: Fault::Clock, text });
            }
        }
        if self.plan.mailbox.in_memory() {
            for index in 0..self.plan.hosts.len() * SHARED {
                let pool = self.share(index, index / SHARED).await;
                self.pools().push(pool);
            }
        }
        for (number, ask) in self.plan.asks.iter().enumerate() {
            sleep_until(self.start + Duration::from_millis(ask.at)).await;
            let world = self.clone();
            self.spawn(async move { world.ask(number).await });
        }
        self.rest().await;
        let mut dropped = BTreeMap::new();
        if self.plan.mailbox.in_memory() {
            let pools = std::mem::take(&mut *self.pools());
            for pool in pools {
                for (reason, count) in pool.dropped().await {
                    *dropped.entry(reason).or_default() += count;
                }
            }
        } else {
            self.sweep().await;
        }
        dropped
    }

    /// Waits until each lease is over, and makes one request in each seat. Then tells which keys are left.
    async fn sweep(&self) {
        sleep(Duration::from_secs(LEASE + 2 * APART + 60)).await;
        self.state().quiet = true;
        self.tell(Event::Swept);
        for number in 0..usize::try_from(self.plan.max_pending).unwrap_or(0) {
            let (world, number) = (self.clone(), self.plan.asks.len() + number);
            self.spawn(async move {
                let host = number % world.plan.hosts.len();
                let message = question(number, "nobody", SWEEP, 1);
                world.call(host, Job::Request(number), message).await;
            });
            sleep(Duration::from_millis(10)).await;
        }
        self.rest().await;
        let mut state = self.state();
        let left: Vec<_> = state.map.iter().map(|(key, value)| (key.clone(), text(value))).collect();
        for (key, value) in left {
            state.tell(self.now(), Event::Left { key, value });
        }
    }

    /// Runs a task. [`Self::rest`] waits for it.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        struct Busy(World);

        impl Drop for Busy {
            fn drop(&mut self) {
                if std::thread::panicking() {
                    self.0.state().panicked = true;
                }
                if self.0.busy.fetch_sub(1, Ordering::SeqCst) == 1 {
                    self.0.idle.notify_one();
                }
            }
        }

        self.busy.fetch_add(1, Ordering::SeqCst);
        let busy = Busy(self.clone());
        tokio::spawn(async move {
            task.await;
            drop(busy);
        });
    }

    /// Waits until no task runs.
    async fn rest(&self) {
        while self.busy.load(Ordering::SeqCst) > 0 {
            self.idle.notified().await;
        }
    }

    async fn ask(&self, number: usize) {
        let ask = &self.plan.asks[number];
        let topic = if ask.composed { "echo" } else { "prices" };
        let message = question(number, topic, ask.timeout, ask.expected);
        self.call(ask.host, Job::Request(number), message).await;
    }

    /// Delivers a reply until a handler takes it.
    pub async fn deliver(&self, reply: usize, message: Message) {
        for attempt in 0..ATTEMPTS {
            let host = self.draw(|dice, plan| dice.index(plan.hosts.len()));
            if self.call(host, Job::Reply(reply, attempt), message.clone()).await == Ended::Ok {
                return;
            }
            let pause = self.draw(|dice, _| dice.between(10, 2_000));
            sleep(Duration::from_millis(pause)).await;
        }
    }

    /// Draws a value.
    pub fn draw<T>(&self, draw: impl FnOnce(&mut Dice, &Plan) -> T) -> T {
        draw(&mut self.state().dice, &self.plan)
    }

    /// Calls a component on a host, and tells the history.
    pub async fn call(&self, host: usize, job: Job, message: Message) -> Ended {
        let shared = self.plan.mailbox.in_memory() && !matches!(job, Job::Respond(_));
        if shared && let Job::Request(_) = job {
            // The request begins when an instance is free.
            let _permit = self.permits[host].acquire().await;
            let index = {
                let state = &mut *self.state();
                let free = state.dice.index(state.free[host].len());
                state.free[host].swap_remove(free)
            };
            let call = self.begin(host, job, false).call;
            let pool = Arc::clone(&self.pools()[index]);
            let ended = tokio::select! {
                biased;
                () = self.death() => {
                    pool.kill();
                    let fresh = self.share(index, host).await;
                    self.pools()[index] = fresh;
                    Ended::Killed
                }
                ended = timeout(DAY, pool.handle(message)) => ended.map_or(Ended::Never, Ended::from),
            };
            self.state().free[host].push(index);
            self.tell(Event::Ended { call, ended: ended.clone() });
            return ended;
        }
        let caller = self.begin(host, job, !shared);
        let ended = timeout(DAY, async {
            if shared { self.call_shared(message).await } else { self.call_fresh(&caller, host, job, message).await }
        });
        let ended = ended.await.unwrap_or(Ended::Never);
        self.tell(Event::Ended { call: caller.call, ended: ended.clone() });
        ended
    }

    /// Returns when a call dies at any time, and not at a call of store or broker. Most never do.
    async fn death(&self) {
        let after = {
            let state = &mut *self.state();
            state.happens(self.plan.chances.kill / 2).then(|| state.dice.between(0, 2_000))
        };
        match after {
            Some(after) => sleep(Duration::from_millis(after)).await,
            None => std::future::pending().await,
        }
    }

    /// Calls a fresh instance, until it returns or is killed.
    async fn call_fresh(&self, caller: &Caller, host: usize, job: Job, message: Message) -> Ended {
        let before = self.plan.hosts[host].before;
        let app = self.parts.app(self.plan.mailbox, before, matches!(job, Job::Respond(_)));
        let app = app.on(&self.services(caller, host));
        tokio::select! {
            biased;
            () = caller.death.now.notified() => Ended::Killed,
            () = self.death() => Ended::Killed,
            outcome = app.handle(message) => outcome.into(),
        }
    }

    /// Gives a reply to the shared instance that has its inbox, and to another one.
    async fn call_shared(&self, message: Message) -> Ended {
        let pools = self.pools().clone();
        let other = self.draw(|dice, _| dice.index(pools.len()));
        let inbox = message.topic.as_ref().and_then(|topic| self.state().inboxes.get(topic).copied());
        let mut ended = Ended::Ok;
        for index in BTreeSet::from([inbox.unwrap_or(other), other]) {
            let outcome = pools[index].handle(message.clone()).await;
            if outcome != Outcome::Ok {
                ended = outcome.into();
            }
        }
        ended
    }

    async fn share(&self, index: usize, host: usize) -> Arc<Pool> {
        let caller = self.begin(host, Job::Instance(index), false);
        let app: &App = self.parts.app(self.plan.mailbox, false, false);
        let pool = app.on(&self.services(&caller, host)).share(NonZeroUsize::MIN).await;
        Arc::new(pool.unwrap_or_else(|error| panic!("{error:#}")))
    }

    fn pools(&self) -> MutexGuard<'_, Vec<Arc<Pool>>> {
        self.pools.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a call, and draws whether it dies at a call of store or broker.
    fn begin(&self, host: usize, job: Job, mortal: bool) -> Caller {
        let mut state = self.state();
        let call = state.calls;
        state.calls += 1;
        let dies = mortal && state.happens(self.plan.chances.kill);
        let after = dies.then(|| (state.dice.between(0, 12), state.dice.chance(500_000)));
        state.tell(self.now(), Event::Begun { call, host, job });
        let death = Arc::new(Death { after: Mutex::new(after), now: Notify::new() });
        let instance = if let Job::Instance(index) = job { Some(index) } else { None };
        Caller { world: self.clone(), call, instance, death }
    }

    fn services(&self, caller: &Caller, host: usize) -> Arc<Services> {
        let (watcher, _) = mpsc::unbounded_channel();
        let (broker, store) = (Broker::Other(Arc::new(caller.clone())), KeyValue::Other(Arc::new(caller.clone())));
        Arc::new(Services {
            clock: Clock::simulated(Arc::clone(&self.clocks[host]) as _),
            random: Random::seeded(self.draw(|dice, _| dice.bits())),
            environment: self.plan.environment().into_iter().collect(),
            ..Services::new(broker, store, watcher)
        })
    }
}

impl Caller {
    /// Dies here if the seed says so. `done` says whether the host call has had its effect.
    pub async fn may_die(&self, done: bool) {
        let dies = {
            let mut after = self.death.after.lock().unwrap_or_else(PoisonError::into_inner);
            match &mut *after {
                Some((0, when)) if *when == done => true,
                Some((left, _)) if done => {
                    *left = left.saturating_sub(1);
                    false
                }
                _ => false,
            }
        };
        if dies {
            self.death.now.notify_one();
            std::future::pending::<()>().await;
        }
    }
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Caller({})", self.call)
    }
}

impl From<Outcome> for Ended {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Ok => Self::Ok,
            Outcome::Failed(error) => Self::Failed(error.to_string()),
            Outcome::Trapped(trap) if trap == "the instance is gone" => Self::Killed,
            Outcome::Trapped(trap) => Self::Trapped(trap),
        }
    }
}

/// The message that lets the guest make a request.
fn question(number: usize, topic: &str, timeout: u64, expected: u64) -> Message {
    let message = Message::new(format!("r{number}")).with("probe-topic", topic);
    let message = message.with("probe-timeout-ms", &timeout.to_string());
    let message = message.with("probe-expected-replies", &expected.to_string());
    Message { topic: Some("probe".into()), ..message }
}

/// Returns bytes as text.
#[must_use]
pub fn text(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

/// Returns the error of a store that fails.
#[must_use]
pub fn broken() -> keyvalue::Error {
    keyvalue::Error::Other("simulated".into())
}

/// Returns the error of a broker that fails.
#[must_use]
pub fn gone() -> Error {
    Error::Connection("simulated".into())
}
