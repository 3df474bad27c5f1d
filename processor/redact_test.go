package processor_test

import (
	"encoding/json"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/processor"
	"github.com/weirlog/weir/record"
)

func redactor(t testing.TB, o processor.RedactOptions) *processor.Redactor {
	t.Helper()
	return must(t)(processor.Redact(o)).(*processor.Redactor)
}

const jwt = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"

// F62, and what people put into texts.
func TestRedactTexts(t *testing.T) {
	p := redactor(t, processor.RedactOptions{})
	for _, c := range []struct{ text, want string }{
		// Nothing.
		{"", ""},
		{"order 4711 placed in 12ms: ok", "order 4711 placed in 12ms: ok"},
		{"GET https://example.com:8080/a?b=c#d HTTP/1.1", "GET https://example.com:8080/a?b=c#d HTTP/1.1"},
		{"goroutine 1 [running]:\n\t/go/mod/x@v1.2.3/a.go:12 +0x1d", "goroutine 1 [running]:\n\t/go/mod/x@v1.2.3/a.go:12 +0x1d"},
		{"unexpected token: end of file", "unexpected token: end of file"},
		{"tokens: 1200, input_tokens=1200, pass=12", "tokens: 1200, input_tokens=1200, pass=12"},
		{"password=true secret: null token=nil", "password=true secret: null token=nil"},
		{"password:", "password:"},
		{"the password\nis", "the password\nis"},
		{"bearer of bad news, basic understanding", "bearer of bad news, basic understanding"},

		// Pairs.
		{"password=hunter2", "password=[REDACTED]"},
		{"login user=bob password=hunter2 ok", "login user=bob password=[REDACTED] ok"},
		{"Password: hunter2, next", "Password: [REDACTED], next"},
		{`db.password = "a b\"c" x`, `db.password = "[REDACTED]" x`},
		{"PGPASSWORD='it is' psql", "PGPASSWORD='[REDACTED]' psql"},
		{"/cb?access_token=abc&x=1", "/cb?access_token=[REDACTED]&x=1"},
		{"x-api-key: 123", "x-api-key: [REDACTED]"},
		{"token: d0e1f2a3b4", "token: [REDACTED]"},
		{"Authorization: Bearer abcdef, x", "Authorization: [REDACTED], x"},
		{"Authorization: Digest username=\"u\", response=\"r\"\nHost: x", "Authorization: [REDACTED]\nHost: x"},
		{"Cookie: a=b; c=d\r\nHost: x", "Cookie: [REDACTED]\r\nHost: x"},
		{":secret=>1", ":secret=>[REDACTED]"},
		{"secret := abc", "secret := [REDACTED]"},
		{"mysql --password hunter2 --user bob", "mysql --password [REDACTED] --user bob"},
		{"mysql --password --user bob", "mysql --password --user bob"},
		{"AccountKey=abc==;Endpoint=x", "AccountKey=[REDACTED];Endpoint=x"},
		{"secret=[REDACTED]", "secret=[REDACTED]"},

		// JSON.
		{`{"user":"bob","password":"hun\"ter2","n":1}`, `{"user":"bob","password":"[REDACTED]","n":1}`},
		{`{"password" : 12345}`, `{"password" : [REDACTED]}`},
		{`{"credentials":{"a":"}","b":[1]},"n":1}`, `{"credentials":[REDACTED],"n":1}`},
		{`{"token":null,"tokens":3}`, `{"token":null,"tokens":3}`},
		{`{"body":"{\"password\":\"hunter2\",\"n\":1}"}`, `{"body":"{\"password\":\"[REDACTED]\",\"n\":1}"}`},
		{`{"b":"{\"b\":\"{\\\"secret\\\":\\\"x\\\\\\\"y\\\"}\"}"}`, `{"b":"{\"b\":\"{\\\"secret\\\":\\\"[REDACTED]\\\"}\"}"}`},
		{`{"password":"cut o`, `{"password":"[REDACTED]`},
		{`{'api_key': 'k'}`, `{'api_key': '[REDACTED]'}`},

		// By their looks.
		{"paid with 4111 1111 1111 1111.", "paid with [REDACTED]."},
		{"4111-1111-1111-1111", "[REDACTED]"},
		{"card 5555555555554444, 378282246310005", "card [REDACTED], [REDACTED]"},
		{"order 1234 4111 1111 1111 1111 2026", "order 1234 [REDACTED] 2026"},
		{"not checked: 4111111111111112", "not checked: 4111111111111112"},
		{"no issuer: 1111111111111117", "no issuer: 1111111111111117"},
		{"in words: a4111111111111111 4111111111111111b 0.4111111111111111", "in words: a4111111111111111 4111111111111111b 0.4111111111111111"},
		{"too long: 41111111111111111111111", "too long: 41111111111111111111111"},
		{"2026-11-21 10:00:00 4711 4711", "2026-11-21 10:00:00 4711 4711"},
		{"mail to bob.o'neil+x@example.co.uk.", "mail to [REDACTED]."},
		{"<jürgen@bücher.example>", "<[REDACTED]>"},
		{"@decorator a@b x@y.1 a@.de", "@decorator a@b x@y.1 a@.de"},
		{"got bearer abc123def456 here", "got bearer [REDACTED] here"},
		{"Basic dXNlcjpwYXNz", "Basic [REDACTED]"},
		{"jwt " + jwt + " ok", "jwt [REDACTED] ok"},
		{"eyJhbGciOiJIUzI1NiJ9 alone", "eyJhbGciOiJIUzI1NiJ9 alone"},
		{"key AKIAIOSFODNN7EXAMPLE used", "key [REDACTED] used"},
		{"AKIAIOSFODNN7EXAMPLEX XAKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLEX XAKIAIOSFODNN7EXAMPLE"},
		{"git ghp_0123456789abcdefghijklmnopqrstuvwxyz", "git [REDACTED]"},
		{"-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nafter", "[REDACTED]\nafter"},
		{"-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----"},
		{"-----BEGIN PRIVATE KEY-----\nMIIE", "[REDACTED]"},

		// Connection strings.
		{"dial postgresql://admin:secret123@db.example.com:5432/app failed", "dial postgresql://[REDACTED]@db.example.com:5432/app failed"},
		{"redis://:p@ss@host/0", "redis://[REDACTED]@host/0"},
		{"amqp://u:p/w@host", "amqp://[REDACTED]@host"},
		{"app:pw@tcp(db:3306)/shop", "[REDACTED]@tcp(db:3306)/shop"},
		{"ssh://git@example/x http://host:80/@user http://[::1]/@x", "ssh://git@example/x http://host:80/@user http://[::1]/@x"},
		{"https://0123456789abcdef0123@git.local/x.git", "https://[REDACTED]@git.local/x.git"},
		{"a://u:p@h?x=b://v:q@i", "a://[REDACTED]@h?x=b://[REDACTED]@i"},
	} {
		r := one(t, p, info(c.text, slog.String("stack_trace", c.text), user(slog.Any("list", []slog.Value{slog.StringValue(c.text)}))))
		deep := r.Attrs[1].Value.Group()[0].Value.Any().([]slog.Value)[0].String()
		if r.Message != c.want || r.Attrs[0].Value.String() != c.want || deep != c.want {
			t.Errorf("%q:\n  message %q\n  attribute %q\n  deep %q\nwant %q", c.text, r.Message, r.Attrs[0].Value, deep, c.want)
		}
		if again := one(t, p, info(c.want)).Message; again != c.want {
			t.Errorf("%q is changed again: %q", c.want, again)
		}
	}
}

// F62. The log-collector's test_error_handling: paths and connection strings.
func TestRedactPaths(t *testing.T) {
	p := redactor(t, processor.RedactOptions{Paths: true})
	for _, c := range []struct{ text, want string }{
		{`Error in File "C:/Users/admin/secret/app.py", line 1`, `Error in File "[REDACTED]", line 1`},
		{`Failed: File "/app/server/db.py", line 10, File "/app/main.py"`, `Failed: File "[REDACTED]", line 10, File "[REDACTED]"`},
		{"connect postgresql://admin:secret123@localhost/db: refused", "connect postgresql://[REDACTED]@localhost/db: refused"},
		{"main.main()\n\t/src/shop/main.go:12 +0x1d", "main.main()\n\t[REDACTED]:12 +0x1d"},
		{`open C:\Users\bob\x.txt: no`, `open [REDACTED]: no`},
		{`open "C:\Program Files\x": no`, `open "[REDACTED]": no`},
		{"open /etc/passwd, /home/bob/notes.", "open [REDACTED], [REDACTED]."},
		{"GET /api/v1/users 1/2 and/or", "GET /api/v1/users 1/2 and/or"},
		{"see https://example.com/a/b.html file:///home/bob/x", "see https://example.com/a/b.html file://[REDACTED]"},
		{`File "<stdin>", line 1`, `File "<stdin>", line 1`},
		{"/", "/"},
	} {
		if got := one(t, p, info(c.text)).Message; got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
	if got := one(t, redactor(t, processor.RedactOptions{}), info("/etc/passwd")).Message; got != "/etc/passwd" {
		t.Errorf("paths are hidden unasked: %q", got)
	}
}

func TestRedactKeys(t *testing.T) {
	p := redactor(t, processor.RedactOptions{Keys: []string{"pin", "*Phone", "iban*"}})
	attrs := []slog.Attr{
		slog.String("password", "x"), slog.Int("DB_Password", 1), slog.Bool("has_password", true), slog.Any("secret", nil),
		slog.Int("input_tokens", 12), slog.String("refreshToken", "x"), slog.Any("tokens", []slog.Value{slog.StringValue("x")}),
		slog.Duration("token_age", time.Second), slog.Any("pass", json.Number("3")), slog.Float64("cvv", 1),
		user(slog.String("X-Api-Key", "x"), slog.Group("session_cookie", slog.String("a", "b")), slog.String("plan", "pro")),
		{Key: "items", Value: list(slog.GroupValue(slog.String("auth", "x"), slog.Int("n", 1)))},
		slog.Bool("PIN", true), slog.String("user.pin", "x"), slog.Int("pinned", 1), slog.Any("work-phone", nil), slog.Int("phone_type", 2), slog.Int("iban_de", 3),
		slog.Int64("card", 4111111111111111), slog.Uint64("ucard", 4111111111111111), slog.Int64("id", math.MaxInt64), slog.Any("number", json.Number("4111111111111111")),
		slog.Int("mail bob@example.com", 1), slog.Any("empty", record.EmptyObject()), slog.String("password", "[REDACTED]"),
	}
	const want = `{"password":"[REDACTED]","DB_Password":"[REDACTED]","has_password":true,"secret":null,` +
		`"input_tokens":12,"refreshToken":"[REDACTED]","tokens":"[REDACTED]",` +
		`"token_age":"1s","pass":3,"cvv":"[REDACTED]",` +
		`"user":{"X-Api-Key":"[REDACTED]","session_cookie":"[REDACTED]","plan":"pro"},` +
		`"items":[{"auth":"[REDACTED]","n":1}],` +
		`"PIN":"[REDACTED]","user.pin":"[REDACTED]","pinned":1,"work-phone":"[REDACTED]","phone_type":2,"iban_de":"[REDACTED]",` +
		`"card":"[REDACTED]","ucard":"[REDACTED]","id":9223372036854775807,"number":"[REDACTED]",` +
		`"mail [REDACTED]":1,"empty":{},"password":"[REDACTED]"}`
	r := one(t, p, info("pin=1 plan=pro", attrs...))
	if got := attrsJSON(r); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if r.Message != "pin=[REDACTED] plan=pro" {
		t.Error(r.Message)
	}
	if p.Redacted() != 1 || p.Failed() != 0 {
		t.Errorf("redacted %d, failed %d", p.Redacted(), p.Failed())
	}
}

func TestRedactOptions(t *testing.T) {
	p := redactor(t, processor.RedactOptions{
		NoDefaultKeys: true, Replacement: "***", Patterns: []string{`\bEMP-\d+`, `session (\w+)`},
		Without: []string{processor.SecretEmail, processor.SecretCard},
	})
	r := one(t, p, info("EMP-12 session abc a@example.com 4111111111111111 password=x", slog.String("password", "x")))
	if r.Message != "*** session *** a@example.com 4111111111111111 password=x" || attrsJSON(r) != `{"password":"x"}` {
		t.Errorf("%q %s", r.Message, attrsJSON(r))
	}
	all := []string{"card", "email", "bearer", "jwt", "token", "private_key", "url", "pair"}
	r = one(t, redactor(t, processor.RedactOptions{Without: all}), info("password=x a@b.de "+jwt, slog.Int64("n", 4111111111111111)))
	if !strings.HasSuffix(r.Message, jwt) || strings.Contains(line(&r), "REDACTED") {
		t.Error(line(&r))
	}
	for name, o := range map[string]processor.RedactOptions{
		"pattern 1: ": {Patterns: []string{"("}},
		"empty text":  {Patterns: []string{"a", "x*"}},
		`"ip"`:        {Without: []string{"ip"}},
		"has a dot":   {Keys: []string{"user.pin"}},
		`"*"`:         {Keys: []string{"*"}},
		`"a*b"`:       {Keys: []string{"a*b"}},
	} {
		if _, err := processor.Redact(o); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	// All that is wrong is told at once.
	none, err := processor.Redact(processor.RedactOptions{Keys: []string{"*", "user.pin"}, Patterns: []string{"(", "x*"}, Without: []string{"ip", "name"}})
	if err == nil || none != nil || strings.Count(err.Error(), "redact: ") != 6 {
		t.Errorf("%v: error %v", none, err)
	}
}

// TestRedactNeverLetsThroughWhatItFailsOn: a panic withholds the record's texts.
func TestRedactNeverLetsThroughWhatItFailsOn(t *testing.T) {
	p := redactor(t, processor.RedactOptions{})
	processor.BreakRedactor(p)
	r := info("password=hunter2", slog.String("password", "hunter2"))
	r.Logger, r.Severity, r.Level = "app", 0, "hunter2"
	var out []record.Record
	err := p.Process(&r, func(r record.Record) { out = append(out, r) })
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error %v", err)
	}
	if len(out) != 1 || strings.Contains(line(&out[0]), "hunter2") || !strings.Contains(out[0].Message, "could not be redacted") || out[0].Logger != "app" {
		t.Errorf("emitted %v", out)
	}
	if p.Failed() != 1 {
		t.Errorf("failed %d", p.Failed())
	}
}

type secretive struct{ text string }

func (s secretive) String() string { return s.text }

type valuer struct{ v slog.Value }

func (v valuer) LogValue() slog.Value { return v.v }

// TestRedactSeesValuesOfNoKnownKind: those that no record should hold.
func TestRedactSeesValuesOfNoKnownKind(t *testing.T) {
	cycle := make([]slog.Value, 1)
	cycle[0] = slog.AnyValue(cycle)
	p := redactor(t, processor.RedactOptions{})
	r := info("m", slog.Any("a", secretive{"password=hunter2"}), slog.Any("b", valuer{slog.GroupValue(slog.String("secret", "hunter2"))}),
		slog.Any("c", secretive{"plain"}), slog.Any("d", map[string]string{"password": "hunter2"}))
	var got record.Record
	if err := p.Process(&r, func(r record.Record) { got = r }); err != nil || strings.Contains(line(&got), "hunter2") || !strings.Contains(line(&got), `"c":"plain"`) {
		t.Errorf("%s, error %v", line(&got), err)
	}
	r = info("m", slog.Any("cycle", cycle))
	if err := p.Process(&r, func(r record.Record) { got = r }); err != nil || !strings.Contains(line(&got), processor.DefaultReplacement) {
		t.Errorf("a cycle: error %v", err)
	}
}

// FuzzRedact: nothing that is planted comes through, what is replaced stays replaced,
// and other text stays.
func FuzzRedact(f *testing.F) {
	f.Add("login", "hunter2-hunter2", "ok")
	f.Add(`{"a":"`, `x\"y12345678`, `"}`)
	f.Add("://a:b@", "4111111111111111", "@tcp( --token \"\\")
	p := redactor(f, processor.RedactOptions{Paths: true})
	f.Fuzz(func(t *testing.T, before, secret, after string) {
		quoted, _ := json.Marshal(secret)
		inner := string(quoted[1 : len(quoted)-1])
		if len(inner) < 8 || strings.Contains(before+after+processor.DefaultReplacement, inner) {
			return
		}
		for _, text := range []string{
			before + "\n" + `{"n":1,"password":` + string(quoted) + `,"m":2}` + after,
			before + "\n" + `apiKey = ` + string(quoted) + after,
		} {
			got := one(t, p, info(text)).Message
			if strings.Contains(got, inner) {
				t.Errorf("%q came through: %q", inner, got)
			}
			one(t, p, info(got, slog.String("a", got)))
		}
	})
}
