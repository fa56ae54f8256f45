# The contract of `benches/side_by_side/` on thin and em-websocket, one EventMachine under both:
# `ruby server.rb PORT`. thin answers on PORT, em-websocket on PORT + 1.
#
# They are Debian's. EventMachine sets TCP_NODELAY itself.

require "em-websocket"
require "thin"

PORT = Integer(ARGV.fetch(0) { abort "usage: ruby server.rb PORT" })
HOST = "127.0.0.1"
CONNECTIONS = 40_000
BACKLOG = 4096 # connections that may wait to be accepted
SECOND = 1

PUBLISHED = EM::Channel.new

# A body of events, which lasts until the client goes.
class Events
  include EM::Deferrable

  def each(&write)
    @write = write
  end

  def send(text)
    @write.call("data: #{text}\n\n")
  end
end

# The answers of thin.
class Answers
  PLAIN = { "Content-Type" => "text/plain" }.freeze
  STREAM = { "Content-Type" => "text/event-stream", "Cache-Control" => "no-cache" }.freeze

  def call(env)
    case [env["REQUEST_METHOD"], env["PATH_INFO"]]
    when %w[GET /hello] then answer("Hello, World!")
    when %w[POST /length] then answer(env["rack.input"].size.to_s)
    when %w[GET /events] then stream { |events| hear(events) }
    when %w[GET /ticks] then stream { |events| tick(events) }
    else [404, PLAIN.merge("Content-Length" => "0"), []]
    end
  end

  private

  def answer(body)
    [200, PLAIN.merge("Content-Length" => body.bytesize.to_s), [body]]
  end

  def stream
    events = Events.new
    yield events
    [200, STREAM, events]
  end

  def hear(events)
    subscription = PUBLISHED.subscribe { |text| events.send(text) }
    events.errback { PUBLISHED.unsubscribe(subscription) }
  end

  def tick(events)
    fired = 0
    timer = EM.add_periodic_timer(SECOND) { events.send("tick #{fired += 1}") }
    events.errback { EM.cancel_timer(timer) }
  end
end

# What em-websocket does on each path.
module Sockets
  module_function

  def open(socket, path)
    case path
    when "/echo" then echo(socket)
    when "/publish" then socket.onmessage { |text| PUBLISHED.push(text) }
    when "/subscribe" then subscribe(socket)
    when "/tick" then tick(socket)
    else socket.close
    end
  end

  def echo(socket)
    socket.onmessage { |text| socket.send_text(text) }
    socket.onbinary { |bytes| socket.send_binary(bytes) }
  end

  def subscribe(socket)
    subscription = PUBLISHED.subscribe { |text| socket.send_text(text) }
    socket.onclose { PUBLISHED.unsubscribe(subscription) }
  end

  def tick(socket)
    fired = 0
    timer = EM.add_periodic_timer(SECOND) { socket.send_text("tick #{fired += 1}") }
    socket.onclose { EM.cancel_timer(timer) }
  end
end

# EventMachine's own listeners have room for a hundred.
def listener(port)
  socket = Socket.new(:INET, :STREAM)
  socket.setsockopt(:SOCKET, :REUSEADDR, true)
  socket.bind(Addrinfo.tcp(HOST, port))
  socket.listen(BACKLOG)
  socket
end

# thin's listener, but for its backlog.
class Backend < Thin::Backends::TcpServer
  def initialize(host, port, _options)
    super(host, port)
  end

  def connect
    @listener = listener(@port)
    @signature = EM.attach_server(@listener, Thin::Connection, &method(:initialize_connection))
    @running = true
  end
end

Thin::Logging.silent = true
EM.epoll
EM.set_descriptor_table_size(CONNECTIONS)
EM.run do
  sockets = listener(PORT + 1)
  EM.attach_server(sockets, EM::WebSocket::Connection, {}) do |socket|
    socket.onopen { |handshake| Sockets.open(socket, handshake.path) }
  end
  server = Thin::Server.new(HOST, PORT, Answers.new, backend: Backend, signals: false)
  server.timeout = 0 # streams may be silent for as long as they like
  server.maximum_connections = CONNECTIONS
  server.maximum_persistent_connections = CONNECTIONS
  server.start
end
