package demo

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/weirlog/weir/record"
)

// confirmation is the mail behind an order.
func (f *feed) confirmation(t trace, at time.Time, order int64) {
	mailer := pick(f, f.cast.mailer)
	f.in(t, at, mailer, record.SeverityDebug, "mail queued", slog.String("template", "order_confirmation"), slog.Int64("order_id", order))
	d := f.took(400 * time.Millisecond)
	if f.chance(25) {
		f.in(t, at.Add(d), mailer, record.SeverityWarn, "451 4.7.1 Greylisting in action, please come back later", slog.Int("attempt", 1), slog.Int64("order_id", order))
		d += 3 * time.Second
	}
	f.in(t, at.Add(d), mailer, record.SeverityInfo, "mail sent", slog.String("to", t.user.name+"@example.com"), millis(d), slog.Int64("order_id", order))
}

// newsletter is a small batch of mails.
func (f *feed) newsletter(at time.Time) {
	mailer := pick(f, f.cast.mailer)
	n := 20 + f.rng.IntN(400)
	f.log(at, mailer, record.SeverityInfo, "newsletter batch started", slog.Int("recipients", n), slog.String("tag", "newsletter"))
	bounced := f.rng.IntN(1 + n/50)
	d := f.took(2 * time.Second)
	s := record.SeverityInfo
	if bounced > 4 {
		s = record.SeverityWarn
	}
	f.log(at.Add(d), mailer, s, fmt.Sprintf("newsletter batch done: %d sent, %d bounced", n-bounced, bounced), millis(d), slog.String("tag", "newsletter"),
		slog.Group("result", slog.Int("sent", n-bounced), slog.Int("bounced", bounced)))
}

// job is a piece of background work with progress, sometimes with a report of
// several lines, rarely with a panic.
func (f *feed) job(at time.Time) {
	worker := pick(f, f.cast.worker)
	name := pick(f, []string{"resize-images", "export-invoices", "sync-stock", "rebuild-feed"})
	id := f.hex(8)
	job := slog.Group("job", slog.String("name", name), slog.String("id", id))
	f.log(at, worker, record.SeverityInfo, "job started", job, slog.String("tag", name))
	d := f.took(1500 * time.Millisecond)
	f.log(at.Add(d/2), worker, record.SeverityDebug, "job at 50 %", job, slog.Float64("progress", 0.5), slog.String("tag", name))
	end := at.Add(d)
	switch {
	case f.chance(60):
		f.log(end, worker, record.SeverityFatal, "panic: runtime error: index out of range [3] with length 3", job,
			slog.String("error_type", "runtime.boundsError"), slog.String("stack_trace", goStack))
		f.log(end.Add(1200*time.Millisecond), worker, record.SeverityInfo, "worker restarted", slog.Int("exit_code", 2))
	case f.chance(20):
		f.log(end, worker, record.SeverityError, "job failed, will be tried again", job, millis(d),
			slog.String("error_type", "*fs.PathError"), slog.String("error", "open /data/invoices/2026-11.csv: no space left on device"), slog.Time("next_try", end.Add(5*time.Minute).UTC()))
	case name == "sync-stock" && f.chance(3):
		f.log(end, worker, record.SeverityInfo, stockReport, job, millis(d))
	default:
		f.log(end, worker, record.SeverityInfo, "job done", job, millis(d), slog.Int("items", f.rng.IntN(5000)), slog.String("tag", name))
	}
}

const stockReport = "stock synchronized\n" +
	"  warehouse   items   changed\n" +
	"  Köln         4210        17\n" +
	"  Łódź         1893         3\n" +
	"  서울          977        41"

// noise is what services say when nothing happens.
func (f *feed) noise(at time.Time) {
	shop, api, worker := pick(f, f.cast.checkout), pick(f, f.cast.search), pick(f, f.cast.worker)
	switch f.rng.IntN(6) {
	case 0:
		f.log(at, shop, record.SeverityTrace, "cache get", slog.String("key", "cart:"+pick(f, f.cast.users).id), slog.Bool("hit", !f.chance(4)))
	case 1:
		f.log(at, api, record.SeverityDebug, "index refreshed", slog.Int64("documents", 180_000+f.rng.Int64N(900)), millis(f.took(40*time.Millisecond)))
	case 2:
		f.log(at, worker, record.SeverityDebug, "queue polled", slog.Int("waiting", f.rng.IntN(12)))
	case 3:
		f.log(at, shop, record.SeverityInfo, "GET /healthz 200", slog.String("method", "GET"), slog.String("path", "/healthz"), slog.Int("status", 200), millis(f.took(300*time.Microsecond)))
	case 4:
		used := 0.35 + f.rng.Float64()*0.6
		s := record.SeverityDebug
		if used > 0.85 {
			s = record.SeverityWarn
		}
		f.log(at, pick(f, f.cast.payment), s, fmt.Sprintf("connection pool %.0f %% in use", used*100), slog.Group("pool", slog.Int("size", 20), slog.Float64("used", used)))
	default:
		f.log(at, api, record.SeverityTrace, "gc pause", millis(f.took(900*time.Microsecond)), slog.Group("memory", slog.Int64("heap_bytes", 90<<20+f.rng.Int64N(60<<20)), slog.Duration("pause", f.took(900*time.Microsecond))))
	}
}
