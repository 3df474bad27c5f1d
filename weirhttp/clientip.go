package weirhttp

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// The headers in which proxies tell whom a request comes from, in the order in which they
// are asked for.
var forwardingHeaders = [...]string{"X-Forwarded-For", "Forwarded", "X-Real-Ip"}

// clientIP finds out whom a request comes from.
type clientIP struct {
	trusted []netip.Prefix
	header  string // canonical; "": the first of forwardingHeaders that the request has
}

func newClientIP(trusted []netip.Prefix, header string) (*clientIP, error) {
	c := &clientIP{header: http.CanonicalHeaderKey(header)}
	for _, p := range trusted {
		if !p.IsValid() {
			return nil, fmt.Errorf("weirhttp: a prefix in TrustedProxies is not valid: make it with netip.MustParsePrefix(\"10.0.0.0/8\")")
		}
		if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
		}
		c.trusted = append(c.trusted, p.Masked())
	}
	if header != "" && !slices.Contains(forwardingHeaders[:], c.header) {
		return nil, fmt.Errorf("weirhttp: ForwardedHeader %q is none of X-Forwarded-For, Forwarded, X-Real-IP", header)
	}
	return c, nil
}

// of returns the client's address, "" when the connection has none (a Unix socket).
// Behind trusted proxies it is what the last of them that is not trusted has said:
// whatever stands further left the client could have written itself.
func (c *clientIP) of(r *http.Request) string {
	peer, ok := parseAddr(r.RemoteAddr)
	if !ok {
		return ""
	}
	if !c.trusts(peer) {
		return peer.String()
	}
	for _, name := range forwardingHeaders {
		values := r.Header[name]
		if len(values) == 0 || c.header != "" && c.header != name {
			continue
		}
		hops := forwardedHops
		if name != "Forwarded" {
			hops = listedHops
		}
		return c.nearest(peer, hops(values)).String()
	}
	return peer.String()
}

// nearest follows the hops from the right as long as they are trusted. What is no
// address ends the way: the last one that is known answers for it.
func (c *clientIP) nearest(peer netip.Addr, hops []string) netip.Addr {
	for _, hop := range slices.Backward(hops) {
		addr, ok := parseAddr(hop)
		if !ok {
			return peer
		}
		peer = addr.WithZone("") // a zone of another machine says nothing here, and is any text
		if !c.trusts(peer) {
			return peer
		}
	}
	return peer
}

func (c *clientIP) trusts(a netip.Addr) bool {
	a = a.WithZone("")
	return slices.ContainsFunc(c.trusted, func(p netip.Prefix) bool { return p.Contains(a) })
}

// parseAddr reads an address with or without port and brackets.
func parseAddr(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap(), true
	}
	if inner, ok := strings.CutPrefix(s, "["); ok {
		if inner, ok = strings.CutSuffix(inner, "]"); ok {
			s = inner
		}
	}
	a, err := netip.ParseAddr(s)
	return a.Unmap(), err == nil
}

// maxHops bounds the hops that are looked at, the rightmost ones. Real chains have a
// handful.
const maxHops = 32

func lastHops(hops []string) []string { return hops[max(0, len(hops)-maxHops):] }

// listedHops splits X-Forwarded-For and X-Real-IP.
func listedHops(values []string) []string {
	var hops []string
	for _, v := range values {
		for hop := range strings.SplitSeq(v, ",") {
			hops = append(lastHops(hops), hop)
		}
	}
	return lastHops(hops)
}

// forwardedHops returns the for= of each element of Forwarded (RFC 7239), "" where
// an element has none. A header that is not well-formed has one hop that is no address.
func forwardedHops(values []string) []string {
	var hops []string
	for _, v := range values {
		for len(v) > 0 {
			hop, rest, ok := forwardedElement(v)
			if !ok {
				hop, rest = "", ""
			}
			hops = append(lastHops(hops), hop)
			v = rest
		}
	}
	return lastHops(hops)
}

// forwardedElement reads name=value pairs up to a comma.
func forwardedElement(s string) (hop, rest string, ok bool) {
	for {
		name, after, found := strings.Cut(s, "=")
		if !found || strings.ContainsAny(name, ",;\"") {
			return "", "", false
		}
		value, after, ok := forwardedValue(after)
		if !ok {
			return "", "", false
		}
		if strings.EqualFold(strings.TrimSpace(name), "for") {
			hop = value
		}
		after = strings.TrimLeft(after, " \t")
		switch {
		case after == "":
			return hop, "", true
		case after[0] == ',':
			return hop, after[1:], true
		case after[0] != ';':
			return "", "", false
		}
		s = after[1:]
	}
}

// forwardedValue reads a token or a quoted string.
func forwardedValue(s string) (value, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexAny(s, ",; \t\"")
		if end < 0 {
			end = len(s)
		}
		return s[:end], s[end:], true
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			return b.String(), s[i+1:], true
		case '\\':
			i++
			if i == len(s) {
				return "", "", false
			}
		}
		b.WriteByte(s[i])
	}
	return "", "", false
}
