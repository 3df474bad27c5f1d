// Package syslog takes messages in over the syslog protocols: RFC 5424 and what is
// sent under the name of RFC 3164, over TCP, TLS and UDP.
//
// [Listen] opens the sockets, [Server.Run] takes in what comes until its context
// ends. [Parser.Parse] reads one message.
//
// Senders over TCP and TLS wait while the store is away. Those over UDP cannot: what
// the queue does not hold is counted as refused. The package does not send, and it
// does not answer: syslog has no acknowledgement, so a sender whose connection breaks
// does not know which of its last messages arrived.
package syslog
