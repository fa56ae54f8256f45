/** The transports, by the names `transports` and `State` have for them. */
export type Transport = "websocket" | "sse" | "poll";

export interface Options {
  /**
   * What is tried, in this order. Default: `["websocket", "sse", "poll"]`.
   *
   * Name those the action serves: a transport it does not have costs each visit an attempt.
   */
  transports?: Transport[];
  /**
   * Whether the tabs of this origin that connect to the same address share one connection.
   * Default: `true`. It takes Web Locks, hence a secure context (HTTPS or localhost); elsewhere
   * each tab has a connection of its own.
   *
   * A tab that joins hears what is new from then on, and nothing the leader heard before. One that
   * gives a `lastEventId`, or says `false`, has a connection of its own and what a newcomer gets.
   */
  share?: boolean;
  /** The cursor to resume from, as of a page that was rendered with its state. Default: none. */
  lastEventId?: string;
}

/** Where the connection stands. */
export interface State {
  /**
   * `connecting`: an attempt is under way. `open`: events arrive. `waiting`: a pause before the
   * next attempt. `closed`: for good, by `close()` or because the server closed the WebSocket with
   * 1000 (finished), 1008 (refused) or a code of the application's own (4000 to 4999).
   */
  readonly state: "connecting" | "open" | "waiting" | "closed";
  /** The transport that is spoken or tried. */
  readonly transport?: Transport;
  /** Whether this tab has the connection; others hear through it. */
  readonly leader: boolean;
  /** Milliseconds to the next attempt, when `waiting`. */
  readonly delay?: number;
  /** The code the WebSocket was closed with, when `waiting` or `closed`. */
  readonly code?: number;
  /** The status a poll was refused with, when `waiting`. */
  readonly status?: number;
  /** Why, as far as the server, the browser or the client has said. */
  readonly reason?: string;
}

/** What could not be made good: messages were missed, and the server says why. */
export interface Gap {
  /** The history ended before; the server began anew; no cursor; dropped for slowness. */
  readonly reason: "expired" | "epoch" | "malformed" | "dropped";
  /** The cursor this client had. */
  readonly after?: string;
  /** How many messages were dropped, when that is the reason. */
  readonly dropped?: number;
}

/** The events of the client itself. All others are the server's, by the names it gave them. */
export interface LiveEventMap {
  /** An event without a name. */
  message: MessageEvent<string>;
  gap: CustomEvent<Gap>;
  state: CustomEvent<State>;
}

/**
 * A connection that mends itself.
 *
 * What breaks off is resumed at the last event's cursor, on this transport or the next, so that
 * nothing is lost and nothing comes twice as long as the server's history reaches; where it does
 * not, a `gap` says so. Channels without a history have no cursors: what they say meanwhile is
 * lost.
 *
 * A transport that does not open is left for the next one; one that has worked before gets a second
 * attempt. Below the first transport, the first is tried again after half a minute, then after
 * twice as long each time. Pauses grow from one second to thirty, with chance in them;
 * `Retry-After` is kept to.
 */
export interface Live extends EventTarget {
  readonly state: State;
  /** The cursor of what was heard last; empty before the first. */
  readonly lastEventId: string;

  addEventListener<K extends keyof LiveEventMap>(
    type: K,
    listener: (this: Live, event: LiveEventMap[K]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  /** Hears events of a name; not `open` or `error`, which are an `EventSource`'s own. */
  addEventListener(
    type: string,
    listener: (this: Live, event: MessageEvent<string>) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;

  /**
   * Speaks to the action: a string as it is, anything else as JSON.
   *
   * Over the WebSocket when one is open, the leader's included, and by POST to the same address
   * otherwise. Resolves when the socket has taken it or the POST was answered with success; what is
   * under way when a socket breaks is not sent again.
   *
   * @throws {TypeError} when the POST finds no server; {Error} with the status of its refusal as
   * its message.
   */
  send(message: unknown): Promise<void>;

  /**
   * Ends it for this tab; if it led, another tab takes over where it stood. The same happens when
   * the tab is closed or frozen, or its page is put away for the back button.
   */
  close(): void;
}

/**
 * Connects to an action at `address`, by whatever gets through.
 *
 * @param address an `http(s)` URL, as a rule a path of the page's own origin.
 */
export function connect(address: string | URL, options?: Options): Live;
