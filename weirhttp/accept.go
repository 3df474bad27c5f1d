package weirhttp

import (
	"net/http"
	"strconv"
	"strings"
)

// maxMediaRanges bounds how much of Accept is read. Browsers send eight.
const maxMediaRanges = 32

// prefersHTML reports whether a request's Accept ranks text/html before text/plain.
func prefersHTML(h http.Header) bool {
	return quality(h, "html") > quality(h, "plain")
}

// quality returns how much Accept wants text/subtype, from 0 to 1: what the most
// specific of its media ranges says.
func quality(h http.Header, subtype string) float64 {
	best, found, seen := 0.0, 0, 0
	for _, value := range h["Accept"] {
		for media := range strings.SplitSeq(value, ",") {
			if seen++; seen > maxMediaRanges {
				return best
			}
			name, params, _ := strings.Cut(media, ";")
			rank := 0
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "text/" + subtype:
				rank = 3
			case "text/*":
				rank = 2
			case "*/*":
				rank = 1
			}
			if rank > found {
				best, found = weight(params), rank
			}
		}
	}
	return best
}

// weight reads q= of a media range; what is none means 1.
func weight(params string) float64 {
	for param := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(param, "=")
		if strings.EqualFold(strings.TrimSpace(name), "q") {
			if q, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil && q >= 0 && q <= 1 {
				return q
			}
		}
	}
	return 1
}
