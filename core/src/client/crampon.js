// Crampon's browser client: stays connected to an action, by whatever gets through.
//
//     import { connect } from "/crampon.js";
//     const live = connect("/chat");
//     live.addEventListener("message", (event) => console.log(event.data));
//     live.send("hello");
//
// It is a comfort: `EventSource` and `WebSocket` alone work with every action. What each part of it
// promises is said in crampon.d.ts.
//
// The server leaves comments and indentation out: a comment has lines of its own here, and no text
// goes over several.

// Milliseconds an attempt may take to get through. A proxy that swallows a transport is given up
// for the next one before a viewer gives the page up.
const OPEN_TIMEOUT = 8000;

// Milliseconds after which a silent connection counts as one that works: what cuts a transport off
// does so at once.
const STEADY_AFTER = 5000;

// Milliseconds after which a poll without an answer counts as one that the server holds.
const POLL_HELD_AFTER = 2000;

// Milliseconds one poll may take; the server answers sooner, with nothing if there is nothing.
const POLL_TIMEOUT = 120000;

// Milliseconds a browser's own reconnecting may take, with the pause the server asked for.
const RETRY_TIMEOUT = 60000;

// Milliseconds of the first pause before another attempt; each further one is twice as long. Up to
// half of it is left out by chance, so that a server that restarts is not stormed.
const PAUSE = 1000;
const PAUSE_MAX = 30000;

// Milliseconds on a lower transport after which the first is tried again; each time twice as long.
const CLIMB_AFTER = 30000;
const CLIMB_MAX = 3600000;

// Milliseconds a new leader waits for what the last one said and what is still on its way.
const SETTLE = 100;

// Milliseconds between two questions of a visible tab whether its leader is alive.
const ASK_EVERY = 10000;

export function connect(address, options) {
  return new Live(address, options);
}

// What a page listens to. Of all the tabs that listen at one address, the one that holds the lock
// leads: it has the line to the server, and tells the others what it hears.
class Live extends EventTarget {
  #address;
  #transports;
  // Of all tabs, for an EventSource tells only what it is asked for by name. The server's own are a
  // gap, and where a newcomer stands, which an EventSource keeps to itself unless it is an event.
  #names = new Set(["message", "crampon.gap", "crampon.position"]);
  // Only the leader has one.
  #line;
  #lock;
  #channel;
  #closing = new AbortController();
  // Whether the leader was asked for a sign of life and has given none.
  #isMissed = false;

  constructor(
    address,
    { transports = ["websocket", "sse", "poll"], share = true, lastEventId = "" } = {},
  ) {
    super();
    // A request spells its address out, in a page and in a worker.
    this.#address = new Request(address).url;
    this.#transports = transports;
    this.lastEventId = lastEventId;
    this.#change({ state: "connecting" });
    // Locks need a secure context; without them each tab has a line of its own. So has a tab that
    // wants what the leader has behind it.
    if (!share || lastEventId || !navigator.locks) {
      this.#lead();
      return;
    }
    this.#lock = "crampon " + this.#address;
    this.#channel = new BroadcastChannel(this.#lock);
    this.#channel.onmessage = ({ data }) => this.#told(data);
    this.#tell({ asks: true });
    this.#queue();
    const asking = setInterval(() => this.#ask(), ASK_EVERY);
    this.#closing.signal.onabort = () => clearInterval(asking);
  }

  addEventListener(name, ...rest) {
    super.addEventListener(name, ...rest);
    if (!this.#names.has(name)) {
      this.#learn(name);
      this.#tell({ names: [name] });
    }
  }

  async send(message) {
    const isText = typeof message === "string";
    const body = isText ? message : JSON.stringify(message);
    const { state, transport } = this.state;
    if (state === "open" && transport === "websocket") {
      if (this.#line) this.#line.send(body);
      else this.#tell({ body });
      return;
    }
    const headers = isText ? {} : { "content-type": "application/json" };
    const answer = await fetch(this.#address, { method: "POST", headers, body });
    if (!answer.ok) throw new Error(answer.status);
  }

  close() {
    if (this.state.state !== "closed") this.#change({ state: "closed" });
  }

  // Waits for the lock, or takes it from a leader that was suspended with its tab unawares. One that
  // is told gives it back.
  #queue(steal) {
    const { signal } = this.#closing;
    let settling;
    const lead = () =>
      new Promise((release) => {
        signal.addEventListener("abort", release);
        addEventListener("freeze", release, true);
        addEventListener("pagehide", release);
        settling = setTimeout(() => this.#lead(), this.lastEventId ? SETTLE : 0);
      });
    const over = () => {
      clearTimeout(settling);
      this.#line?.stop();
      this.#line = undefined;
      // A thief still stands in the queue.
      if (!steal && !signal.aborted) this.#queue();
    };
    navigator.locks.request(this.#lock, steal ? { steal } : { signal }, lead).then(over, over);
  }

  #ask() {
    if (this.#line || globalThis.document?.hidden) {
      this.#isMissed = false;
    } else if (this.#isMissed) {
      this.#isMissed = false;
      this.#queue(true);
    } else {
      this.#isMissed = true;
      this.#tell({ asks: true });
    }
  }

  #lead() {
    if (this.#line || this.#closing.signal.aborted) return;
    this.#line = draw(this.#address, this.#transports, {
      names: this.#names,
      cursor: () => this.lastEventId,
      said: (said) => {
        this.#tell({ said });
        this.#hear(said);
      },
      changed: (state) => {
        this.#tell({ state, cursor: this.lastEventId });
        this.#change(state, true);
      },
    });
    this.#line.start();
  }

  #leave() {
    this.#line?.stop();
    this.#line = undefined;
    this.#channel?.close();
    this.#channel = undefined;
    this.#closing.abort();
  }

  #tell(told) {
    this.#channel?.postMessage(told);
  }

  #told({ asks, names = [], body, said, state, cursor }) {
    names.forEach((name) => this.#learn(name));
    if (this.#line) {
      if (asks) this.#tell({ state: this.state, cursor: this.lastEventId });
      if (body) this.#line.send(body);
    } else if (said) {
      this.#hear(said);
    } else if (state) {
      this.#isMissed = false;
      if (cursor) this.lastEventId = cursor;
      this.#change(state);
    }
    if (asks) this.#tell({ names: [...this.#names] });
  }

  #learn(name) {
    if (this.#names.has(name)) return;
    this.#names.add(name);
    this.#line?.listen(name);
  }

  #hear({ id, event, data }) {
    if (id) this.lastEventId = id;
    if (event === "crampon.gap") {
      this.dispatchEvent(new CustomEvent("gap", { detail: JSON.parse(data) }));
    } else if (event) {
      this.dispatchEvent(new MessageEvent(event, { data, lastEventId: this.lastEventId }));
    }
  }

  #change(state, leader = false) {
    if (state.state === "closed") this.#leave();
    this.state = { ...state, leader };
    this.dispatchEvent(new CustomEvent("state", { detail: this.state }));
  }
}

// One line to the server: goes down the transports until one works, stays on it, comes back to it.
function draw(address, transports, tab) {
  const stopping = new AbortController();
  // What has worked on this page, and so is worth a second attempt.
  const proven = new Set();
  // The attempt, connection or pause that counts; nothing is heard of the ones before.
  let link;
  let at = 0;
  // Vain attempts in a row with this transport, and pauses in a row.
  let misses = 0;
  let pauses = 0;
  let climbAfter = CLIMB_AFTER;

  const drop = () => {
    const { timers, end } = link ?? {};
    link = undefined;
    timers?.forEach(clearTimeout);
    end?.();
  };

  const attempt = () => {
    drop();
    const transport = transports[at];
    const tell = (state, more) => tab.changed({ state, transport, ...more });
    const whileItCounts = (act) => (given) => {
      if (link === mine) act(given);
    };
    let isOpen = false;
    let isProven = false;
    let expected;
    const prove = () => {
      if (isProven) return;
      isProven = true;
      proven.add(transport);
      misses = pauses = 0;
      if (at) mine.after(climbAfter, climb);
      else climbAfter = CLIMB_AFTER;
    };
    const mine = {
      address,
      names: tab.names,
      cursor: tab.cursor,
      timers: [],

      // Where a transport resumes that cannot send a header. Without a cursor it still says that it
      // keeps one, and is told positions as events.
      resume() {
        const url = new URL(address);
        url.searchParams.set("last-event-id", tab.cursor());
        return url.href;
      },

      after(delay, act) {
        const timer = setTimeout(act, delay);
        mine.timers.push(timer);
        return timer;
      },

      // Gives the link up after so long, unless it opens or expects something else.
      expect(delay) {
        clearTimeout(expected);
        expected = mine.after(delay, () => mine.lost({ reason: "timeout" }));
      },

      opened: whileItCounts(() => {
        clearTimeout(expected);
        if (isOpen) return;
        isOpen = true;
        mine.after(STEADY_AFTER, prove);
        tell("open");
      }),

      take: whileItCounts((said) => {
        prove();
        tab.said(said);
      }),

      // The browser itself tries again what has worked; anything else is lost.
      retried: whileItCounts(() => {
        if (!isProven) return mine.lost();
        isOpen = false;
        mine.expect(RETRY_TIMEOUT);
        tell("connecting");
      }),

      lost: whileItCounts(({ isFinal, delay = 0, ...why } = {}) => {
        drop();
        if (isFinal) return tell("closed", why);
        if (!isProven) misses += 1;
        if (!proven.has(transport) || misses > 1) {
          misses = 0;
          at = (at + 1) % transports.length;
          if (at && !delay) return attempt();
        }
        const pause = Math.min(PAUSE_MAX, PAUSE * 2 ** pauses++);
        delay = Math.max(delay, pause * (1 - Math.random() / 2));
        link = { timers: [setTimeout(attempt, delay)] };
        tell("waiting", { delay, ...why });
      }),
    };
    link = mine;
    mine.expect(OPEN_TIMEOUT);
    tell("connecting");
    if (link !== mine) return;
    try {
      mine.end = TRANSPORTS[transport](mine);
    } catch ({ message: reason }) {
      mine.lost({ reason });
    }
  };

  // Tries the transports from the top.
  const start = () => {
    at = misses = 0;
    attempt();
  };

  const climb = () => {
    climbAfter = Math.min(CLIMB_MAX, 2 * climbAfter);
    start();
  };

  return {
    start() {
      // On another network, what was open is dead, and what was blocked may not be.
      addEventListener("online", start, stopping);
      start();
    },
    listen: (name) => link?.listen?.(name),
    send: (body) => link?.send?.(body),
    stop() {
      stopping.abort();
      drop();
    },
  };
}

// The transports. Each makes one connection and returns what ends it. It tells its link when it is
// open, each event, and the end.
const TRANSPORTS = {
  websocket(link) {
    const socket = new WebSocket(link.resume().replace("http", "ws"), "crampon.event.v1");
    socket.onopen = link.opened;
    socket.onmessage = ({ data }) => link.take(JSON.parse(data));
    socket.onclose = ({ code, reason }) => {
      // Finished, refused, or a word of the application's: nobody is to come back.
      const isFinal = code === 1000 || code === 1008 || code >= 4000;
      link.lost({ isFinal, code, reason });
    };
    link.send = (body) => socket.send(body);
    return () => socket.close();
  },

  sse(link) {
    const source = new EventSource(link.resume());
    let misses = 0;
    source.onopen = () => {
      misses = 0;
      link.opened();
    };
    // The browser comes back by itself, after the pause the server asked for. But an error page
    // ends an EventSource for good, and one that misses again knows no growing pauses.
    source.onerror = () => {
      if (source.readyState === 2 || misses++) link.lost();
      else link.retried();
    };
    link.listen = (name) => {
      source.addEventListener(name, ({ lastEventId, type, data }) => {
        // `open` and `error` may be names of events, and are the browser's own.
        if (data !== undefined) link.take({ id: lastEventId, event: type, data });
      });
    };
    link.names.forEach(link.listen);
    source.addEventListener("crampon.close", ({ data }) => link.lost({ reason: data }));
    return () => source.close();
  },

  poll(link) {
    const abort = new AbortController();
    const { signal } = abort;
    const poll = async () => {
      const began = Date.now();
      const headers = { accept: "application/json" };
      // A newcomer asks where it stands, and is told at once.
      const cursor = link.cursor();
      headers[cursor ? "last-event-id" : "if-none-match"] = cursor || '""';
      const answer = await fetch(link.address, { headers, signal, cache: "no-store" });
      const { status } = answer;
      const header = (name) => answer.headers.get(name) ?? "";
      const hasEvents = status === 200 && header("content-type").includes("json");
      if (!hasEvents && status !== 204 && status !== 304) {
        return link.lost({ status, delay: header("retry-after") * 1000 || 0 });
      }
      const events = hasEvents ? await answer.json() : [];
      link.opened();
      events.forEach(link.take);
      link.take({ id: header("last-event-id") });
      // Nothing, and that at once, is what a server says when it stops.
      if (status === 204 && Date.now() - began < PAUSE) return link.lost();
      link.expect(POLL_TIMEOUT);
      return true;
    };
    link.after(POLL_HELD_AFTER, () => {
      link.opened();
      link.expect(POLL_TIMEOUT);
    });
    (async () => {
      while (await poll());
    })().catch(({ message }) => link.lost({ reason: message }));
    return () => abort.abort();
  },
};
