// Package weirhttp connects net/http with a logger: the attributes of a request on
// every record that is logged for it, a record of each request, and records that
// stream into a response while the work goes on.
//
// [Middleware] is what a server needs; it is a func(http.Handler) http.Handler, as
// chi, gorilla/mux and others take it. [Stream] answers a request with the records of
// that request alone, [StreamAll] with those of the whole program. [Transport]
// passes the trace on in outgoing requests. Whom a request comes from is decided
// by the program; this package authenticates nobody.
package weirhttp
