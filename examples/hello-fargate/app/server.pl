#!/usr/bin/perl
# A small HTTP service with no dependency but Perl itself, so that its image can be packed from the
# files of any Debian machine. Every answer names the task; every request is logged as one line.
#
#   /                        who answered, and how the request arrived
#   /connect?host=H&port=P   tries a TCP connection from inside the task
#   /slow?seconds=N          answers late
use strict;
use warnings;
use IO::Socket::INET;
use Socket qw(inet_ntoa);

$| = 1;
my $port = $ENV{PORT} || 80;
my $server = IO::Socket::INET->new(LocalPort => $port, Listen => 128, ReuseAddr => 1)
    or die "cannot listen on $port: $!\n";
# As PID 1 a process has no default signal actions.
$SIG{TERM} = sub { print "stopping\n"; exit 0 };
$SIG{CHLD} = 'IGNORE';
my $task = task_id();
print "task $task listens on $port\n";

while (1) {
    my $client = $server->accept or next;
    my $child = fork;
    if (!defined $child) { close $client; next }
    if ($child) { close $client; next }
    $SIG{TERM} = 'DEFAULT';
    serve($client);
    exit 0;
}

# The metadata endpoint's path ends in <task id>-<number>.
sub task_id {
    my $uri = $ENV{ECS_CONTAINER_METADATA_URI_V4} || '';
    return $uri =~ m{/([0-9a-f]{32})-\d+$} ? $1 : 'unknown';
}

sub serve {
    my ($client) = @_;
    local $SIG{ALRM} = sub { exit 0 };
    alarm 60;
    my $line = <$client>;
    return unless defined $line && $line =~ m{^(\S+) (\S+)};
    my ($method, $target) = ($1, $2);
    my %header;
    while (defined(my $next = <$client>)) {
        $next =~ s/\r?\n$//;
        last if $next eq '';
        $header{lc $1} = $2 if $next =~ /^([^:]+):\s*(.*)$/;
    }
    my $peer = $client->peerhost;
    print "$method $target from $peer agent=" . ($header{'user-agent'} || '-') . "\n";
    my ($status, $body) = answer($target, $client, \%header);
    print $client "HTTP/1.1 $status\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: "
        . length($body) . "\r\n\r\n$body";
    close $client;
}

sub answer {
    my ($target, $client, $header) = @_;
    if ($target =~ m{^/connect\?host=([\d.]+)&port=(\d+)$}) {
        my $other = IO::Socket::INET->new(PeerAddr => $1, PeerPort => $2, Timeout => 3);
        return $other ? ('200 OK', "connected\n") : ('504 Gateway Timeout', "not connected: $!\n");
    }
    sleep $1 if $target =~ m{^/slow\?seconds=(\d+)$};
    my $body = "Hello from task $task\n"
        . "address: " . $client->sockhost . "\n"
        . "connection from: " . $client->peerhost . "\n"
        . "client: " . ($header->{'x-forwarded-for'} || '-') . "\n"
        . "trace: " . ($header->{'x-amzn-trace-id'} || '-') . "\n";
    return ('200 OK', $body);
}
