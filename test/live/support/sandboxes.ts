/** Network sandboxes as tasks have them, with small programs inside. */
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { exec, runOk } from "./live-engine.ts";

export type Sandboxes = {
  /** Path of a new namespace. */
  make(name: string): Promise<string>;
  /** A server that tells each client the address it came from, then echoes its lines. */
  listen(netns: string, port: number, device?: string): Promise<void>;
  removeAll(): Promise<void>;
};

const server = `
  use IO::Socket::INET;
  $SIG{CHLD} = "IGNORE";
  my $listener = IO::Socket::INET->new(LocalAddr => "0.0.0.0", LocalPort => shift, Listen => 64, ReuseAddr => 1) or die $!;
  setsockopt($listener, SOL_SOCKET, 25, pack("Z*", shift)) or die $! if @ARGV; # SO_BINDTODEVICE
  $| = 1;
  print "listening\\n";
  while (my $client = $listener->accept) {
    next if fork;
    close STDOUT;
    alarm 60; # should the other end vanish without a word
    $client->autoflush(1);
    print $client $client->peerhost, "\\n";
    print $client $_ while <$client>;
    exit;
  }`;

const client = `
  use IO::Socket::INET;
  my $socket = IO::Socket::INET->new(PeerAddr => shift, PeerPort => shift, Timeout => shift);
  if (!$socket) { print $!{ECONNREFUSED} ? "refused\\n" : "timeout\\n"; exit; }
  $| = 1;
  print scalar <$socket>;
  # Ends when the other side has ended, too, so that no packet of it comes later.
  $SIG{ALRM} = sub { exit };
  alarm 10;
  shutdown($socket, 1);
  1 while <$socket>;`;

/** Passes lines of its standard input on and prints what comes back, or `lost`. */
const talker = `
  use IO::Socket::INET;
  $| = 1;
  my $socket = IO::Socket::INET->new(PeerAddr => shift, PeerPort => shift, Timeout => 10) or die $!;
  $socket->autoflush(1);
  print scalar <$socket>;
  $SIG{ALRM} = sub { print "lost\\n"; exit };
  while (my $line = <STDIN>) { print $socket $line; alarm 10; my $answer = <$socket>; alarm 0; print $answer // "lost\\n"; }`;

export function createSandboxes(prefix: string): Sandboxes {
  const names: string[] = [];
  const running: ChildProcess[] = [];
  return {
    async make(name) {
      const namespace = `${prefix}-${name}`;
      await runOk("ip", ["netns", "add", namespace]);
      names.push(namespace);
      await runOk("ip", ["-n", namespace, "link", "set", "lo", "up"]);
      return `/run/netns/${namespace}`;
    },
    async listen(netns, port, device) {
      const started = inside(netns, server, String(port), ...(device ? [device] : []));
      running.push(started);
      if ((await nextLine(started)) !== "listening") throw new Error("it does not listen");
    },
    async removeAll() {
      for (const child of running) await end(child);
      for (const name of names) await runOk("ip", ["netns", "del", name]);
    },
  };
}

function inside(netns: string, program: string, ...args: string[]): ChildProcess {
  return exec.start("nsenter", [`--net=${netns}`, "perl", "-e", program, ...args], {
    errors: "ignore",
  });
}

const nextLine = async (child: ChildProcess): Promise<string> => {
  if (!child.stdout) throw new Error("no output");
  for await (const line of createInterface({ input: child.stdout })) return line;
  return "lost";
};

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}

async function attempt(
  netns: string,
  address: string,
  port: number,
  seconds: number,
): Promise<string> {
  const args = [address, String(port), String(seconds)];
  return (await runOk("nsenter", [`--net=${netns}`, "perl", "-e", client, ...args])).trim();
}

/** The client's address as the server saw it, or `timeout`, or `refused`. For what is to be silent. */
export const connect = (netns: string, address: string, port: number): Promise<string> =>
  attempt(netns, address, port, 0.7);

/** The same, given the time that a connection may take on a busy machine. */
export const reach = (netns: string, address: string, port: number): Promise<string> =>
  attempt(netns, address, port, 10);

/** One echo request, as ping sends it; needs no ping. */
const pinger = `
  use Socket;
  socket(my $s, PF_INET, SOCK_RAW, 1) or die $!;
  my $data = pack("n*", 0x0800, 0, $$ & 0xffff, 1);
  my $sum = 0; $sum += $_ for unpack("n*", $data);
  $sum = ($sum >> 16) + ($sum & 0xffff);
  substr($data, 2, 2) = pack("n", ~$sum & 0xffff);
  send($s, $data, 0, pack_sockaddr_in(0, inet_aton(shift))) or do { print "no\n"; exit };
  $SIG{ALRM} = sub { print "no\n"; exit };
  alarm 1;
  while (recv($s, my $answer, 1500, 0)) {
    my ($type, undef, $id) = unpack("n*", substr($answer, 20));
    if ($type == 0 && $id == ($$ & 0xffff)) { print "yes\n"; exit }
  }`;

/** Whether an echo request is answered. */
export const ping = async (netns: string, address: string): Promise<boolean> =>
  (await runOk("nsenter", [`--net=${netns}`, "perl", "-e", pinger, address])).trim() === "yes";

export type Conversation = {
  /** Sends the line on the connection; what came back, or `lost`. */
  say(line: string): Promise<string>;
  end(): Promise<void>;
};

/** A connection that stays. */
export async function converse(
  netns: string,
  address: string,
  port: number,
): Promise<Conversation> {
  const child = exec.start(
    "nsenter",
    [`--net=${netns}`, "perl", "-e", talker, address, String(port)],
    { errors: "ignore" },
  );
  if (!child.stdout) throw new Error("no output");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const result = await lines.next();
    return result.done ? "lost" : result.value;
  };
  if ((await next()) === "lost") throw new Error(`no connection to ${address}:${port}`);
  return {
    say(line) {
      child.stdin?.write(`${line}\n`);
      return next();
    },
    end: () => end(child),
  };
}
