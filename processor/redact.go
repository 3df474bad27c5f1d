package processor

import (
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// DefaultReplacement stands where a secret was.
const DefaultReplacement = "[REDACTED]"

// What Redact knows by its looks, for RedactOptions.Without.
const (
	SecretCard       = "card"        // numbers of payment cards: a known issuer, the right length and check digit
	SecretEmail      = "email"       // addresses of people
	SecretBearer     = "bearer"      // what follows Bearer or Basic
	SecretJWT        = "jwt"         // JSON web tokens
	SecretToken      = "token"       // keys of AWS, and tokens that their makers gave a known beginning
	SecretPrivateKey = "private_key" // PEM blocks
	SecretURL        = "url"         // user:password@ in connection strings
	SecretPair       = "pair"        // what follows a secret key: password=…, "token": "…", --api-key …
)

// RedactOptions say what is secret. The zero value is a good default.
type RedactOptions struct {
	// Keys are further keys whose values are secret, whatever they are. A key matches
	// at any depth, without regard to case and to characters that are no letters or digits: pin
	// matches PIN and user.pin; *pin matches card_pin, *pin* anything with pin in it.
	Keys []string
	// NoDefaultKeys leaves out the keys that Redact knows. Those are all that contain
	// password, passwd, passphrase, secret, apikey, authorization, cookie, credential,
	// or privatekey, accesskey, accountkey, sessionkey, signingkey, encryptionkey, whatever stands
	// between the words; those that are pwd, auth, cvv, cvc or ssn; and, unless the value is
	// a number, those that contain token or are pass: counts of tokens are no secrets. Their true,
	// false and null are none either.
	NoDefaultKeys bool
	// Patterns are further regular expressions (RE2) for secrets in texts. One with
	// a group hides what the first group matches, not the whole.
	Patterns []string
	// Without names what is not to be known by its looks: the Secret constants.
	Without []string
	// Paths hides paths of files too, as a trace shown to strangers must.
	Paths bool
	// Replacement stands where a secret was. Default DefaultReplacement.
	Replacement string
}

// Redactor is the processor that Redact makes.
type Redactor struct {
	replacement string
	keys        secretKeys
	patterns    []*regexp.Regexp
	look        lookFor

	redacted atomic.Uint64
	failed   atomic.Uint64
}

var _ weir.Processor = (*Redactor)(nil)

// lookFor says which secrets are known by their looks.
type lookFor struct {
	card, email, bearer, jwt, token, privateKey, url, pair, paths bool
}

// Redact replaces secrets: the values of keys such as password, at any depth, and in
// the message, in texts of attributes (stack traces and JSON among them) and in long keys what
// looks like one. See RedactOptions for what it knows. The record's trace, logger and
// sender stay as they are. A record that it fails on goes on without its message and
// attributes and says so; Failed counts it. The error joins all that is wrong: patterns, keys
// and names. What it returns is a *Redactor, and may stand in several places.
func Redact(o RedactOptions) (weir.Processor, error) {
	x := &Redactor{replacement: o.Replacement}
	if x.replacement == "" {
		x.replacement = DefaultReplacement
	}
	if err := errors.Join(x.keys.fill(o.Keys, !o.NoDefaultKeys), x.compile(o.Patterns), x.look.fill(&o)); err != nil {
		return nil, err
	}
	return x, nil
}

// compile makes the patterns; its error tells of all that are wrong.
func (x *Redactor) compile(patterns []string) error {
	var wrong []error
	for i, text := range patterns {
		re, err := regexp.Compile(text)
		switch {
		case err != nil:
			wrong = append(wrong, fmt.Errorf("redact: pattern %d: %w", i+1, err))
		case re.MatchString(""):
			wrong = append(wrong, fmt.Errorf("redact: pattern %d matches the empty text: make it match the secret alone", i+1))
		default:
			x.patterns = append(x.patterns, re)
		}
	}
	return errors.Join(wrong...)
}

func (l *lookFor) fill(o *RedactOptions) error {
	by := map[string]*bool{
		SecretCard: &l.card, SecretEmail: &l.email, SecretBearer: &l.bearer, SecretJWT: &l.jwt,
		SecretToken: &l.token, SecretPrivateKey: &l.privateKey, SecretURL: &l.url, SecretPair: &l.pair,
	}
	for name, on := range by {
		*on = !slices.Contains(o.Without, name)
	}
	var wrong []error
	for _, name := range o.Without {
		if by[name] == nil {
			wrong = append(wrong, fmt.Errorf("redact: there is no secret %q to leave out: use card, email, bearer, jwt, token, private_key, url or pair", name))
		}
	}
	l.paths = o.Paths
	return errors.Join(wrong...)
}

// String returns "redact".
func (*Redactor) String() string { return "redact" }

// Redacted returns in how many records something was replaced. It may be called
// concurrently.
func (x *Redactor) Redacted() uint64 { return x.redacted.Load() }

// Failed returns how many records were withheld because they could not be redacted.
// It may be called concurrently.
func (x *Redactor) Failed() uint64 { return x.failed.Load() }

// withheld is the message of a record that could not be redacted.
const withheld = "this record could not be redacted, so its message and attributes were withheld"

// Process implements weir.Processor.
func (x *Redactor) Process(r *record.Record, emit func(record.Record)) error {
	err := x.redact(r)
	if err != nil {
		x.failed.Add(1)
		r.Message, r.Level, r.Attrs = withheld, "", nil
	}
	emit(*r)
	return err
}

func (x *Redactor) redact(r *record.Record) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked(p)
		}
	}()
	message, inMessage := x.text(r.Message)
	attrs, inAttrs := x.attrs(r.Attrs, 0)
	level, inLevel := x.text(r.Level)
	if inMessage || inAttrs || inLevel {
		x.redacted.Add(1)
		r.Message, r.Attrs, r.Level = message, attrs, level
	}
	return nil
}

// panicked tells of a panic without its value, which may be the secret.
func panicked(p any) error {
	var fault runtime.Error
	if e, ok := p.(error); ok && errors.As(e, &fault) {
		return fmt.Errorf("a record was withheld: panic: %w", fault)
	}
	return fmt.Errorf("a record was withheld: panic with a %T", p)
}
