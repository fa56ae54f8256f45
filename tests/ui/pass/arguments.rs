//! Everything a callback may take and return, and every form of it.

#![deny(warnings)]

use crampon::action::{Context, Data, Gap, Halt, Json, Message, Part, Rejection};
use crampon::{action, callbacks};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vote {
    _choice: u32,
}

type Outcome = Result<(), std::io::Error>;

#[action(transport = websocket)]
struct All;

#[callbacks]
impl All {
    #[before_start]
    fn check(&mut self, _cx: &mut Context<Self>) -> Result<(), Halt> {
        Err(Halt::new(401, "who are you?"))
    }

    #[on_start]
    fn only_looks(&self, _: &mut Context<All>) -> Outcome {
        Ok(())
    }

    #[on_data]
    fn text(&mut self, _cx: &mut Context<Self>, _: &str) {}

    #[on_data]
    fn owned_text(&mut self, _cx: &mut Context<Self>, _text: String) {}

    #[on_data]
    fn bytes(&mut self, _cx: &mut Context<Self>, _bytes: &[u8]) -> Result<(), String> {
        Ok(())
    }

    #[on_data]
    fn owned_bytes(&mut self, _cx: &mut Context<Self>, _bytes: Vec<u8>) {}

    #[on_data]
    fn as_it_is(&mut self, _cx: &mut Context<Self>, _data: Data<'_>) {}

    #[on_data]
    fn named<'cx, 'data>(&'cx mut self, _cx: &'cx mut Context<Self>, _data: Data<'data>) {}

    #[on_data]
    fn kept(&mut self, _cx: &mut Context<Self>, _message: Message) {}

    #[on_data]
    fn json(&mut self, _cx: &mut Context<Self>, Json(_vote): Json<Vote>) {}

    #[on_data]
    fn judged(&mut self, _cx: &mut Context<Self>, _vote: Result<Json<Vote>, Rejection>) {}

    #[on_data(stream)]
    fn part(&mut self, _cx: &mut Context<Self>, _part: Part<'_>) -> Result<(), &'static str> {
        Err("enough")
    }

    #[on_message]
    fn heard(&mut self, _cx: &mut Context<Self>, _message: &Message) {}

    #[on_gap]
    fn missed(&mut self, _cx: &mut Context<Self>, _gap: &Gap) {}

    #[on_gap]
    fn missed_again<'gap>(&self, _: &mut Context<All>, _: &'gap Gap) -> Outcome {
        Ok(())
    }

    #[on_drain]
    fn drained(&mut self, _cx: &mut Context<Self>) -> Outcome {
        Ok(())
    }

    #[on_finish]
    fn left(&mut self, _cx: &mut Context<Self>) -> Result<(), Box<dyn std::error::Error>> {
        Ok(())
    }
}

fn main() {}
