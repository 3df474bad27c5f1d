package ship

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter bounds what a server may ask for: a mistaken date must not silence a
// program for a year.
const maxRetryAfter = 5 * time.Minute

// backoff is the pause after so many failures in a row, from 1: between half and all
// of twice the one before, so that a thousand programs do not come back at once.
func backoff(failures int, least, most time.Duration) time.Duration {
	d := most
	if failures < 32 { // beyond, the shift would overflow
		if shifted := least << (failures - 1); shifted > 0 {
			d = min(shifted, most)
		}
	}
	return d/2 + rand.N(d/2+1)
}

// retryAfter reads the header of that name, in seconds or as a date; 0 when there is
// none that makes sense.
func retryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, maxRetryAfter)
	}
	at, err := http.ParseTime(header)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}
