//! An actor: an action that does what its request and its messages tell it.

use crampon::action::{Action, Declaration, Deflate};
use crampon::prelude::*;
use crampon::transport::Transport;

use super::deeds::{CHANNELS, Deed, panic_as_told};
use super::lives::Life;

/// An action on one of the wires, with 5 on three of them, with 6 on sockets that compress with all
/// that was said in mind.
///
/// Its query says `check` (how it is guarded), `do` (what it does when it starts) and `bye` (what
/// it does at the end). A message that begins with `!` is more to do; any other is echoed.
pub struct Actor<const WIRE: usize> {
    life: Life,
}

impl<const WIRE: usize> Action for Actor<WIRE> {
    const DECLARATION: Declaration = Declaration {
        name: "Actor",
        transports: match WIRE {
            0 => &[Transport::Regular],
            1 => &[Transport::Chunked],
            2 => &[Transport::Sse],
            3 => &[Transport::LongPolling],
            4 | 6 => &[Transport::Websocket],
            _ => &[Transport::Websocket, Transport::Sse, Transport::LongPolling],
        },
        deflate: match WIRE {
            6 => Some(Deflate::Dedicated),
            _ => None,
        },
        ..Declaration::DEFAULT
    };
}

impl<const WIRE: usize> Actor<WIRE> {
    pub fn new(life: Life) -> Self {
        Self { life }
    }

    /// Does one deed after another, until one puts off the rest.
    fn act(&mut self, cx: &mut Context<Self>, mut deeds: Vec<Deed>) -> Result<(), String> {
        while let Some(deed) = deeds.pop() {
            match deed {
                Deed::Say(bytes) => cx.render("s".repeat(bytes)),
                Deed::SayBinary(bytes) => cx.render(vec![0xff; bytes]),
                Deed::Publish(channel) => cx.publish(CHANNELS[channel].clone(), "published"),
                Deed::PublishMuch(channel) => {
                    cx.publish(CHANNELS[channel].clone(), "p".repeat(3000));
                }
                Deed::Subscribe(channel) => cx.subscribe(&CHANNELS[channel]),
                Deed::Unsubscribe(channel) => cx.unsubscribe(&CHANNELS[channel]),
                Deed::Enter(who) => cx.enter(CHANNELS[1].presence(), &who.to_string(), &who),
                Deed::Leave => cx.leave(CHANNELS[1].presence()),
                Deed::Watch => cx.subscribe(CHANNELS[1].presence()),
                Deed::After(millis) => {
                    cx.after(Duration::from_millis(millis), |this, cx| {
                        this.life.act_early("goes on");
                        this.act(cx, deeds)
                    });
                    return Ok(());
                }
                Deed::Defer | Deed::DeferInVain => {
                    let is_in_vain = deed == Deed::DeferInVain;
                    let work = move || if is_in_vain { panic_as_told() } else { 7 };
                    cx.defer(work).then(move |this, cx, done| {
                        this.life.act_early("hears of its work");
                        let is_done = matches!(done, Ok(7));
                        if is_done || is_in_vain { this.act(cx, deeds) } else { Ok(()) }
                    });
                    return Ok(());
                }
                Deed::Every(millis) => {
                    cx.every(Duration::from_millis(millis), |this, cx| {
                        this.life.act_early("ticks");
                        cx.render("tick");
                    });
                }
                Deed::Pause(millis) => {
                    cx.pause();
                    cx.after(Duration::from_millis(millis), |this, cx| {
                        this.life.act_early("resumes");
                        cx.resume();
                    });
                }
                Deed::Status(status) => cx.set_status(status),
                Deed::Finish => cx.finish(),
                Deed::Close(code) => cx.close(code, "as told"),
                Deed::Fail => return Err("an error as told".to_owned()),
                Deed::Panic => panic_as_told(),
            }
        }
        Ok(())
    }

    fn told(text: &str) -> Vec<Deed> {
        Deed::read(text).rev().collect()
    }
}

#[callbacks]
impl<const WIRE: usize> Actor<WIRE> {
    #[before_start]
    fn check(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        self.life.check();
        let later = Duration::from_millis(cx.param_or("later", 300)?);
        match &*cx.param_text("check").unwrap_or_default() {
            "halt" => return Err(Halt::new(403, "not you")),
            "panic" => panic_as_told(),
            "hold" => {
                cx.hold();
                cx.after(later, |this, cx| {
                    this.life.act_early("proceeds");
                    cx.proceed();
                    cx.halt(Halt::new(500, "too late"));
                });
            }
            "hold-halt" => {
                cx.hold();
                cx.after(later, |this, cx| {
                    this.life.act_early("is halted");
                    cx.halt(Halt::new(401, "not now"));
                    cx.proceed();
                });
            }
            "hold-defer" => {
                cx.hold();
                cx.defer(|| ()).then(|this, cx, _| {
                    this.life.act_early("proceeds");
                    cx.proceed();
                });
            }
            "hold-ever" => cx.hold(),
            _ => {}
        }
        Ok(())
    }

    #[before_start]
    fn check_again(&mut self, _: &mut Context<Self>) {
        self.life.check();
    }

    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) -> Result<(), String> {
        self.life.start();
        let told = Self::told(&cx.param_text("do").unwrap_or_default());
        self.act(cx, told)
    }

    #[periodic_timer(every = "900ms")]
    fn tick(&mut self, _: &mut Context<Self>) {
        self.life.act("ticks");
    }

    #[on_data]
    fn received(&mut self, cx: &mut Context<Self>, data: Data<'_>) -> Result<(), String> {
        self.life.act_early("hears data");
        match data {
            Data::Text(text) if text.starts_with('!') => {
                let told = Self::told(&text[1..]);
                return self.act(cx, told);
            }
            Data::Text(text) => cx.render(text),
            Data::Binary(bytes) => cx.render(bytes),
            Data::Body(bytes) => {
                let is_told = cx.param_text("do").is_some();
                // What it is told it does when it starts, which may have been just now.
                if !is_told && matches!(cx.transport(), Transport::Regular | Transport::Chunked) {
                    cx.render(bytes);
                    cx.finish();
                }
            }
        }
        Ok(())
    }

    #[on_drain]
    fn drained(&mut self, _: &mut Context<Self>) {
        self.life.act("is drained");
    }

    #[on_finish]
    fn left(&mut self, cx: &mut Context<Self>) -> Result<(), String> {
        self.life.finish(cx.finish_reason());
        match &*cx.param_text("bye").unwrap_or_default() {
            "panic" => panic_as_told(),
            "fail" => return Err("an error as told".to_owned()),
            "publish" => cx.publish(CHANNELS[0].clone(), "somebody left"),
            // What follows must not happen.
            "more" => {
                cx.render("after the end");
                cx.subscribe(&CHANNELS[0]);
                cx.enter(CHANNELS[1].presence(), "a ghost", &0);
                cx.after(Duration::from_millis(1), |this, _| this.life.act("goes on"));
                cx.defer(|| ()).then(|this, _, _| this.life.act("hears of its work"));
            }
            _ => {}
        }
        Ok(())
    }
}
