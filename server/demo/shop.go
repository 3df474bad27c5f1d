package demo

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/weirlog/weir/record"
)

// trace is what the records of one request share.
type trace struct {
	id   string
	user user
}

func (f *feed) newTrace() trace { return trace{f.hex(32), pick(f, f.cast.users)} }

// in logs one record of a request.
func (f *feed) in(t trace, at time.Time, from *sender, s record.Severity, message string, attrs ...slog.Attr) {
	attrs = append(attrs, slog.String("user_id", t.user.id))
	f.push(from, record.Record{Time: at, Severity: s, Message: message, TraceID: t.id, SpanID: f.hex(16), Attrs: attrs})
}

// checkout is an order: the request, the payment, the confirmation by mail.
func (f *feed) checkout(at time.Time) {
	t := f.newTrace()
	shop, bank := pick(f, f.cast.checkout), pick(f, f.cast.payment)
	request := []slog.Attr{slog.String("method", "POST"), slog.String("path", "/api/checkout")}
	f.in(t, at, shop, record.SeverityInfo, "request started", append(request[:2:2],
		slog.String("session_id", t.user.session), slog.String("ip", t.user.ip), slog.String("action_type", "checkout"))...)
	total, cart := f.cart()
	now := at.Add(f.took(4 * time.Millisecond))
	f.in(t, now, shop, record.SeverityDebug, "cart loaded", cart, slog.Group("user", slog.String("name", t.user.name), slog.String("plan", t.user.plan), slog.String("country", t.user.country)))
	order := f.rng.Int64N(900_000) + 100_000
	now = now.Add(f.took(6 * time.Millisecond))
	f.in(t, now, bank, record.SeverityInfo, fmt.Sprintf("authorizing %d.%02d EUR", total/100, total%100),
		slog.Int64("order_id", order), slog.Group("card", slog.String("brand", pick(f, []string{"visa", "mastercard", "amex"})), slog.String("last4", fmt.Sprintf("%04d", f.rng.IntN(10_000)))))
	d := f.took(90 * time.Millisecond)
	now = now.Add(d)
	status := 200
	switch n := f.rng.IntN(100); {
	case n < 6:
		status = 402
		f.in(t, now, bank, record.SeverityWarn, "payment declined", slog.Int64("order_id", order), millis(d), slog.String("reason", pick(f, []string{"insufficient_funds", "expired_card", "3ds_failed"})))
	case n < 13:
		status = 502
		f.in(t, now, bank, record.SeverityError, "payment provider did not answer", slog.Int64("order_id", order), millis(d),
			slog.String("error_type", "java.net.SocketTimeoutException"), slog.String("stack_trace", javaStack), slog.Int("attempt", 3))
		f.in(t, now.Add(time.Millisecond), shop, record.SeverityError, "order failed: payment: 502 Bad Gateway", slog.Int64("order_id", order),
			slog.String("error_type", "*payment.Error"), slog.String("function_name", "shop.(*Orders).Place"), slog.String("file_path", "shop/orders.go"), slog.Int("line_number", 118))
	default:
		f.in(t, now, bank, record.SeverityInfo, "payment authorized", slog.Int64("order_id", order), millis(d), slog.Int64("amount_cents", total))
		f.confirmation(t, now.Add(f.took(300*time.Millisecond)), order)
	}
	whole := now.Add(2 * time.Millisecond).Sub(at)
	f.in(t, at.Add(whole), shop, levelOf(status), fmt.Sprintf("POST /api/checkout %d", status), append(request[:2:2], slog.Int("status", status), millis(whole))...)
}

// cart is what somebody buys, as a nested attribute.
func (f *feed) cart() (cents int64, cart slog.Attr) {
	items := make([]slog.Value, 1+f.rng.IntN(3))
	for i := range items {
		p, n := pick(f, f.cast.products), 1+f.rng.Int64N(3)
		cents += p.cents * n
		items[i] = slog.GroupValue(slog.Int64("id", p.id), slog.String("name", p.name), slog.Int64("quantity", n))
	}
	return cents, slog.Group("cart", slog.Any("items", items), slog.Int64("total_cents", cents))
}

func levelOf(status int) record.Severity {
	switch {
	case status >= 500:
		return record.SeverityError
	case status >= 400:
		return record.SeverityWarn
	}
	return record.SeverityInfo
}

// search is a query, mostly fast.
func (f *feed) search(at time.Time) {
	t := f.newTrace()
	api := pick(f, f.cast.search)
	query := pick(f, []string{"coffee", "tea pot", "緑茶", "grinder", "café", "kettle 1.7l", "чайник", "gift 🎁", "usb c"})
	d := f.took(18 * time.Millisecond)
	f.in(t, at, api, record.SeverityDebug, "searching", slog.String("query", query), slog.Bool("cache_hit", f.chance(3)), slog.Any("filters", []slog.Value{slog.StringValue("in_stock"), slog.StringValue("eu")}))
	end := at.Add(d)
	attrs := []slog.Attr{
		slog.String("method", "GET"), slog.String("path", "/api/search"), slog.Int("status", 200), millis(d),
		slog.String("query", query), slog.Int("hits", f.rng.IntN(120)),
	}
	switch {
	case f.chance(70):
		attrs[2] = slog.Int("status", 500)
		f.in(t, end, api, record.SeverityError, "search failed: 'NoneType' object has no attribute 'score'",
			slog.String("error_type", "AttributeError"), slog.String("stack_trace", pythonStack), slog.String("query", query))
		f.in(t, end.Add(time.Millisecond), api, record.SeverityError, "GET /api/search 500", attrs...)
	case d > 60*time.Millisecond:
		f.in(t, end, api, record.SeverityWarn, "slow query", append(attrs, slog.Group("plan", slog.String("index", "products_v3"), slog.Int("shards", 4), slog.Bool("fallback", true)))...)
	default:
		f.in(t, end, api, record.SeverityInfo, "GET /api/search 200", attrs...)
	}
}
