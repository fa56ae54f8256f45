//! What an action reads of its request: parameters, cookies, headers, the last event id.

use std::net::IpAddr;

use crampon::prelude::*;
use crampon::trial::{Trial, Visit, World};

/// What a request is asked; the answer, or the halt, is what comes back.
type Question = fn(&Context<Asked>) -> Result<String, Halt>;

#[action(transport = regular)]
struct Asked(Question);

#[callbacks]
impl Asked {
    #[on_start]
    fn answer(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        let answer = (self.0)(cx)?;
        cx.render(answer);
        cx.finish();
        Ok(())
    }
}

fn ask(visit: Visit, question: Question) -> Trial {
    let recipe = move || Asked(question);
    let routes =
        ["/", "/{id}", "/in/{*rest}"].into_iter().fold(Routes::new(), |routes, pattern| {
            routes.get(pattern, recipe).post(pattern, recipe).put(pattern, recipe)
        });
    World::new(routes).visit(visit)
}

fn form(target: &str, fields: &[(&str, &str)]) -> Visit {
    Visit::post(target, "").form(fields)
}

fn text(cx: &Context<Asked>) -> Result<String, Halt> {
    Ok(format!("{:?}", cx.param_text("id")))
}

fn number(cx: &Context<Asked>) -> Result<String, Halt> {
    cx.param::<u8>("id").map(|id| id.to_string())
}

#[test]
fn the_route_beats_the_form_and_the_form_beats_the_query() {
    for (visit, id) in [
        (form("/route?id=query", &[("id", "form")]), "route"),
        (form("/?id=query", &[("id", "form")]), "form"),
        (form("/?id=query", &[("other", "form")]), "query"),
        (Visit::get("/route?id=query"), "route"),
        (Visit::get("/?id=query"), "query"),
    ] {
        ask(visit, |cx| cx.param("id")).expect_status(200).expect_render(id);
    }
}

#[test]
fn a_parameter_is_read_as_the_type_that_is_asked_for() {
    let questions: [(&str, Question, &str); 6] = [
        ("/255", number, "255"),
        ("/-5", |cx| cx.param::<i64>("id").map(|id| id.to_string()), "-5"),
        ("/0.5", |cx| cx.param::<f64>("id").map(|id| id.to_string()), "0.5"),
        ("/true", |cx| cx.param::<bool>("id").map(|id| id.to_string()), "true"),
        ("/%C3%BC", |cx| cx.param::<char>("id").map(|id| id.to_string()), "ü"),
        ("/::1", |cx| cx.param::<IpAddr>("id").map(|id| id.to_string()), "::1"),
    ];
    for (target, question, answer) in questions {
        ask(Visit::get(target), question).expect_status(200).expect_render(answer);
    }
}

#[test]
fn a_bad_parameter_is_not_found_in_a_path_and_a_bad_request_elsewhere() {
    for (visit, status, says) in [
        (
            Visit::get("/seven"),
            404,
            "the parameter `id` is `seven`: invalid digit found in string\n",
        ),
        (
            Visit::get("/?id=256"),
            400,
            "the parameter `id` is `256`: number too large to fit in target type\n",
        ),
        (
            Visit::get("/?id="),
            400,
            "the parameter `id` is ``: cannot parse integer from empty string\n",
        ),
        (
            form("/", &[("id", "1x")]),
            400,
            "the parameter `id` is `1x`: invalid digit found in string\n",
        ),
    ] {
        let mut refused = ask(visit, number);
        refused.expect_status(status).expect_header("content-type", "text/plain; charset=utf-8");
        refused.expect_render(says).expect_end();
    }
}

#[test]
fn a_missing_parameter_is_a_bad_request() {
    let mut refused = ask(Visit::get("/?ID=7&i=7"), number);
    refused.expect_status(400).expect_render("the parameter `id` is missing\n");
}

#[test]
fn what_is_repeated_to_the_client_is_short() {
    let target = format!("/?id={}", "ü".repeat(41));
    let says =
        format!("the parameter `id` is `{}...`: invalid digit found in string\n", "ü".repeat(40));
    ask(Visit::get(&target), number).expect_status(400).expect_render(&says);
}

#[test]
fn a_default_stands_for_what_is_missing_and_not_for_what_is_wrong() {
    let or: Question = |cx| cx.param_or("id", 3_u8).map(|id| id.to_string());
    let opt: Question = |cx| cx.param_opt::<u8>("id").map(|id| format!("{id:?}"));
    for (target, question, status, answer) in [
        ("/", or, 200, "3"),
        ("/?id=4", or, 200, "4"),
        ("/?id=four", or, 400, "the parameter `id` is `four`: invalid digit found in string\n"),
        ("/four", or, 404, "the parameter `id` is `four`: invalid digit found in string\n"),
        ("/", opt, 200, "None"),
        ("/?id=4", opt, 200, "Some(4)"),
        ("/?id=four", opt, 400, "the parameter `id` is `four`: invalid digit found in string\n"),
    ] {
        ask(Visit::get(target), question).expect_status(status).expect_render(answer);
    }
}

#[test]
fn parameters_are_percent_decoded_once() {
    for (target, says) in [
        ("/caf%C3%A9", r#"Some("café")"#),
        ("/a%2Fb", r#"Some("a/b")"#),
        ("/a+b", r#"Some("a+b")"#),
        ("/100%2525", r#"Some("100%25")"#),
        ("/100%", r#"Some("100%")"#),
        ("/?id=a+b%20c", r#"Some("a b c")"#),
        ("/?id=%26%3D%2B", r#"Some("&=+")"#),
        ("/?id=%2525", r#"Some("%25")"#),
        ("/?%69d=7", r#"Some("7")"#),
        ("/?id=%FF", "Some(\"\u{fffd}\")"),
    ] {
        ask(Visit::get(target), text).expect_status(200).expect_render(says);
    }
}

#[test]
fn the_first_of_a_name_counts_and_an_empty_one_is_there() {
    for (target, says) in [
        ("/?id=1&id=2", r#"Some("1")"#),
        ("/?id=", r#"Some("")"#),
        ("/?id", r#"Some("")"#),
        ("/?&&id=1", r#"Some("1")"#),
        ("/?", "None"),
        ("/", "None"),
    ] {
        ask(Visit::get(target), text).expect_status(200).expect_render(says);
    }
}

#[test]
fn the_rest_of_a_path_is_one_parameter() {
    let rest: Question = |cx| cx.param("rest");
    ask(Visit::get("/in/a/b%20c/d?e=f"), rest).expect_render("a/b c/d");
}

#[test]
fn a_form_is_known_by_its_type_whatever_its_spelling() {
    for (content_type, says) in [
        ("application/x-www-form-urlencoded", r#"Some("a b")"#),
        ("Application/X-WWW-Form-Urlencoded; charset=UTF-8", r#"Some("a b")"#),
        ("text/plain", "None"),
        ("multipart/form-data; boundary=x", "None"),
    ] {
        let visit = Visit::post("/", "other=1&id=a+b").header("content-type", content_type);
        ask(visit, text).expect_status(200).expect_render(says);
    }
    ask(Visit::post("/", "id=1"), text).expect_render("None");
}

#[test]
fn a_form_comes_with_put_too_and_never_with_get() {
    for (method, says) in [("PUT", r#"Some("1")"#), ("GET", "None")] {
        let method = method.parse().expect("it is a method");
        ask(Visit::new(method, "/").form(&[("id", "1")]), text).expect_render(says);
    }
}

#[test]
fn a_form_in_chunks_and_in_pieces_is_a_form() {
    let asked = World::new(Routes::new().post("/", || Asked(text))).connect();
    for piece in [
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-www-form-urlencoded\r\n",
        "transfer-encoding: chunked\r\n\r\n2\r\ni",
        "d\r\n4\r\n=%C3\r\n3\r\n%A9\r\n",
        "0\r\n\r\n",
    ] {
        asked.send_bytes(piece.as_bytes());
    }
    asked.clone().expect_status(200).expect_render(r#"Some("é")"#);
}

#[test]
fn a_form_too_long_for_parameters_is_a_body_like_any_other() {
    let world = |bytes_max| {
        World::with(Routes::new().post("/", || Asked(text)), move |server| {
            server.limits(|limits| limits.form_bytes_max = bytes_max)
        })
    };
    world(4).visit(form("/", &[("id", "1")])).expect_render(r#"Some("1")"#);
    world(3).visit(form("/", &[("id", "1")])).expect_render("None");
}

/// Answers with the body it got, and whether it got a parameter.
#[action(transport = regular)]
struct Whole;

#[callbacks]
impl Whole {
    #[on_data]
    fn received(&mut self, cx: &mut Context<Self>, body: &str) -> Result<(), Halt> {
        let id: Option<String> = cx.param_opt("id")?;
        cx.render(format!("{id:?} {body}"));
        Ok(())
    }
}

/// The same, part by part.
#[action(transport = regular)]
#[derive(Default)]
struct Parts {
    body: String,
}

#[callbacks]
impl Parts {
    #[on_data(stream)]
    fn received(&mut self, cx: &mut Context<Self>, part: Part<'_>) -> Result<(), Halt> {
        self.body += &String::from_utf8_lossy(part.bytes);
        if part.is_last {
            let id: Option<String> = cx.param_opt("id")?;
            cx.render(format!("{id:?} {}", self.body));
        }
        Ok(())
    }
}

#[test]
fn a_form_in_chunks_that_grows_too_long_goes_on_as_a_body_wherever_it_is_cut() {
    let head = "POST /PATH HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\
                content-type: application/x-www-form-urlencoded\r\n\r\n";
    let body = "3\r\nid=\r\n5\r\nhello\r\n7\r\n,+world\r\n0\r\n\r\n";
    for (path, form_bytes_max, says) in [
        ("whole", 15, r#"Some("hello, world") id=hello,+world"#),
        ("whole", 14, "None id=hello,+world"),
        ("whole", 5, "None id=hello,+world"),
        ("parts", 15, r#"Some("hello, world") id=hello,+world"#),
        ("parts", 14, "None id=hello,+world"),
        ("parts", 0, "None id=hello,+world"),
    ] {
        let head = head.replace("PATH", path);
        for cut in 0..=body.len() {
            let routes = Routes::new().at("/whole", || Whole).at("/parts", Parts::default);
            let world = World::with(routes, |server| {
                server.limits(|limits| limits.form_bytes_max = form_bytes_max)
            });
            let mut asked = world.connect();
            asked.send_bytes([head.as_bytes(), &body.as_bytes()[..cut]].concat().as_slice());
            asked.send_bytes(&body.as_bytes()[cut..]);
            asked.expect_status(200).expect_render(says);
        }
    }
}

#[test]
fn the_fields_of_a_form_come_to_on_data_too() {
    #[action(transport = regular)]
    struct Both;

    #[callbacks]
    impl Both {
        #[on_data]
        fn received(&mut self, cx: &mut Context<Self>, body: &str) -> Result<(), Halt> {
            let id: u8 = cx.param("id")?;
            cx.render(format!("{id} of {body}"));
            Ok(())
        }
    }

    let world = World::new(Routes::new().at("/", || Both));
    world.visit(form("/", &[("id", "7"), ("b", "")])).expect_render("7 of id=7&b=");
}

#[test]
fn a_cookie_is_found_by_its_exact_name() {
    let cookie: Question = |cx| Ok(format!("{:?}", cx.cookie("id")));
    for (headers, says) in [
        (&["id=7"][..], r#"Some("7")"#),
        (&["theme=dark; id=7; lang=de"], r#"Some("7")"#),
        (&["theme=dark;id=7"], r#"Some("7")"#),
        (&["theme=dark", "id=7"], r#"Some("7")"#),
        (&["id=7; id=8"], r#"Some("7")"#),
        (&["id=\"7\""], r#"Some("7")"#),
        (&["id=a=b"], r#"Some("a=b")"#),
        (&["id=a%20b"], r#"Some("a%20b")"#),
        (&["id="], r#"Some("")"#),
        (&["ID=7; xid=8; id2=9; id"], "None"),
        (&[], "None"),
    ] {
        let visit = headers.iter().fold(Visit::get("/"), |visit, it| visit.header("cookie", it));
        ask(visit, cookie).expect_status(200).expect_render(says);
    }
}

#[test]
fn a_header_is_found_whatever_the_case_of_its_name() {
    let header: Question = |cx| Ok(format!("{:?}", cx.header("X-Mood")));
    for (visit, says) in [
        (Visit::get("/").header("x-mood", "calm"), r#"Some("calm")"#),
        (Visit::get("/").header("X-MOOD", "  calm "), r#"Some("calm")"#),
        (Visit::get("/").header("x-mood", "calm").header("x-mood", "glad"), r#"Some("calm")"#),
        (Visit::get("/").header("x-mood", ""), r#"Some("")"#),
        (Visit::get("/"), "None"),
    ] {
        ask(visit, header).expect_status(200).expect_render(says);
    }
}

#[test]
fn the_last_event_id_is_the_headers_before_the_querys() {
    let last: Question = |cx| cx.last_event_id::<u64>().map(|id| format!("{id:?}"));
    for (target, header, says) in [
        ("/", Some("7"), "Some(7)"),
        ("/?last-event-id=8", None, "Some(8)"),
        ("/?last-event-id=8", Some("7"), "Some(7)"),
        ("/", Some(""), "None"),
        ("/?last-event-id=", None, "None"),
        ("/", None, "None"),
        ("/8?id=8", None, "None"),
        // The server's own, and no number of the application's.
        ("/", Some("k3v9x2ab-7"), "None"),
    ] {
        let visit = header
            .into_iter()
            .fold(Visit::get(target), |visit, id| visit.header("last-event-id", id));
        ask(visit, last).expect_status(200).expect_render(says);
    }
}

#[test]
fn a_last_event_id_that_cannot_be_read_is_a_bad_request() {
    let last: Question = |cx| cx.last_event_id::<u64>().map(|id| format!("{id:?}"));
    let says = "the last event id is `seven`: invalid digit found in string\n";
    for visit in [
        Visit::get("/").header("Last-Event-ID", "seven"),
        Visit::get("/?last-event-id=seven"),
        Visit::get("/?last-event-id=7").header("last-event-id", "seven"),
    ] {
        let mut refused = ask(visit, last);
        refused.expect_status(400).expect_header("content-type", "text/plain; charset=utf-8");
        refused.expect_render(says).expect_end();
    }
}

#[test]
fn the_method_and_the_path_are_as_they_were_asked() {
    let line: Question = |cx| Ok(format!("{} {}", cx.method(), cx.path()));
    for (visit, says) in [
        (Visit::get("/caf%C3%A9?id=7"), "GET /caf%C3%A9"),
        (Visit::post("/in/a//b?", ""), "POST /in/a//b"),
        (Visit::new("PUT".parse().expect("it is a method"), "/"), "PUT /"),
    ] {
        ask(visit, line).expect_status(200).expect_render(says);
    }
}

#[test]
fn who_asks_and_by_what_is_known() {
    let who: Question = |cx| {
        let address = cx.remote_addr().map(|address| address.ip().to_string());
        Ok(format!("{} {}", address.unwrap_or_default(), cx.transport()))
    };
    ask(Visit::get("/"), who).expect_render("127.0.0.1 regular");
}

/// What is wrong with a request can be said as long as nothing else was.
#[test]
fn a_bad_parameter_refuses_a_socket_and_a_stream_before_they_open() {
    #[action(transport = websocket | sse)]
    struct Numbered;

    #[callbacks]
    impl Numbered {
        #[before_start]
        fn check(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
            cx.param::<u8>("id").map(drop)
        }
    }

    let world = World::new(Routes::new().at("/{id}", || Numbered));
    for visit in [Visit::socket("/seven"), Visit::events("/seven")] {
        let says = "the parameter `id` is `seven`: invalid digit found in string\n";
        world.visit(visit).expect_status(404).expect_render(says).expect_end();
    }
}
