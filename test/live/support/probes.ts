/**
 * Small programs that say which packets arrive: servers that answer by TCP and UDP on several ports at
 * once, and single questions. Each runs in a network namespace, where asked bound to one of its links.
 */
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { exec, runOk } from "./live-engine.ts";

/** A namespace by its path, and a link of it. */
export type Place = { readonly netns: string; readonly device?: string };

export type Question = {
  readonly protocol: "tcp" | "udp" | "icmp";
  readonly address: string;
  /** Any of ICMP. */
  readonly port: number;
};

const bind = `
  use Socket;
  sub bound { my ($s, $device) = @_; setsockopt($s, SOL_SOCKET, 25, pack("Z*", $device)) or die $! if $device; return $s } # SO_BINDTODEVICE`;

const server = `${bind}
  use IO::Select;
  $SIG{PIPE} = "IGNORE";
  my ($device, @ports) = @ARGV;
  my (%stream, $all); $all = IO::Select->new;
  for my $port (@ports) {
    socket(my $t, PF_INET, SOCK_STREAM, 0) or die $!;
    setsockopt($t, SOL_SOCKET, SO_REUSEADDR, 1);
    bound($t, $device); bind($t, pack_sockaddr_in($port, INADDR_ANY)) or die $!; listen($t, 64) or die $!;
    socket(my $u, PF_INET, SOCK_DGRAM, 0) or die $!;
    bound($u, $device); bind($u, pack_sockaddr_in($port, INADDR_ANY)) or die $!;
    $stream{fileno $t} = 1; $all->add($t, $u);
  }
  $| = 1; print "listening\\n";
  while (1) { for my $s ($all->can_read) {
    if ($stream{fileno $s}) { accept(my $c, $s) or next; syswrite $c, "here\\n"; close $c }
    else { my $from = recv($s, my $data, 1500, 0); send($s, "here\\n", 0, $from) if $from }
  } }`;

const asker = `${bind}
  my ($device, $protocol, $address, $port, $seconds) = @ARGV;
  sub end { print shift, "\\n"; exit }
  $SIG{ALRM} = sub { end("no") };
  my $to = pack_sockaddr_in($protocol eq "icmp" ? 0 : $port, inet_aton($address));
  alarm $seconds;
  if ($protocol eq "icmp") {
    socket(my $s, PF_INET, SOCK_RAW, 1) or die $!;
    bound($s, $device);
    my $data = pack("n*", 0x0800, 0, $$ & 0xffff, 1);
    my $sum = 0; $sum += $_ for unpack("n*", $data);
    $sum = ($sum >> 16) + ($sum & 0xffff);
    substr($data, 2, 2) = pack("n", ~$sum & 0xffff);
    send($s, $data, 0, $to) or end("no");
    while (recv($s, my $answer, 1500, 0)) {
      my ($type, undef, $id) = unpack("n*", substr($answer, 20));
      end("yes") if $type == 0 && $id == ($$ & 0xffff);
    }
    end("no");
  }
  socket(my $s, PF_INET, $protocol eq "udp" ? SOCK_DGRAM : SOCK_STREAM, 0) or die $!;
  bound($s, $device);
  connect($s, $to) or end("no");
  send($s, "hello", 0) or end("no") if $protocol eq "udp";
  my $from = recv($s, my $answer, 100, 0);
  end(defined $from && $answer eq "here\\n" ? "yes" : "no");`;

/** Answers until it is killed. */
export async function answerAt(place: Place, ports: readonly number[]): Promise<ChildProcess> {
  const args = ["perl", "-e", server, place.device ?? "", ...ports.map(String)];
  const child = exec.start("nsenter", [`--net=${place.netns}`, ...args], { errors: "ignore" });
  if (!child.stdout) throw new Error("no output");
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === "listening") return child;
  }
  throw new Error(`nobody listens in ${place.netns}`);
}

/** Whether an answer comes within so many seconds. */
export async function isAnswered(
  { netns, device }: Place,
  { protocol, address, port }: Question,
  seconds: number,
): Promise<boolean> {
  const args = [device ?? "", protocol, address, String(port), String(seconds)];
  return (
    (await runOk("nsenter", [`--net=${netns}`, "perl", "-e", asker, ...args])).trim() === "yes"
  );
}
