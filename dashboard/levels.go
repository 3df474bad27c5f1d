package dashboard

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// Levels is what the route of levels is backed by; *weir.Logger is one. It is used
// concurrently.
type Levels interface {
	// Levels lists the levels of all names in use, in the order of the names.
	Levels() []weir.LevelRule
	// SetLevel sets the level of a name, for the time d, or for good with 0.
	SetLevel(name string, level slog.Leveler, d time.Duration) error
	// ResetLevel takes SetLevel back; that there is nothing to take back is an error.
	ResetLevel(name string) error
}

var _ Levels = (*weir.Logger)(nil)

// maxLevelBody is far more than a name, a level and a time need.
const maxLevelBody = 16 << 10

// maxLevelTime is a year: what is to hold longer is set for good.
const maxLevelTime = 365 * 24 * time.Hour

// routeLevels adds the route when there is something behind it.
func (d *Dashboard) routeLevels() {
	if d.opts.Levels == nil {
		return
	}
	d.opts.ExtraCapabilities = append(d.opts.ExtraCapabilities[:len(d.opts.ExtraCapabilities):len(d.opts.ExtraCapabilities)], "levels")
	d.route("/api/v1/levels", methods{http.MethodGet: d.levels, http.MethodPut: d.setLevel})
}

// levels answers GET /api/v1/levels.
func (d *Dashboard) levels(w http.ResponseWriter, _ *http.Request) {
	list := LevelList{Levels: []LoggerLevel{}}
	for _, rule := range d.opts.Levels.Levels() {
		l := LoggerLevel{Logger: rule.Logger, Level: levelText(rule.Level), Own: rule.Own}
		if !rule.Until.IsZero() {
			l.Until = formatTime(rule.Until)
		}
		list.Levels = append(list.Levels, l)
	}
	d.sendJSON(w, list)
}

// setLevel answers PUT /api/v1/levels with the list as it is then.
func (d *Dashboard) setLevel(w http.ResponseWriter, r *http.Request) {
	// What is absent differs from null: the one is a mistake, the other a wish.
	var asked struct {
		Logger *string         `json:"logger"`
		Level  json.RawMessage `json:"level"`
		For    string          `json:"for"`
	}
	problem := readJSON(w, r, maxLevelBody, &asked)
	if problem == nil && (asked.Logger == nil || len(asked.Level) == 0) {
		problem = badRequest("bad_request", "logger or level is missing", `send {"logger":"app.db","level":"debug","for":"10m"}; "" is the root, level null takes a setting back`)
	}
	if problem == nil {
		problem = d.changeLevel(*asked.Logger, asked.Level, asked.For)
	}
	if problem != nil {
		writeError(w, *problem)
		return
	}
	d.levels(w, r)
}

func (d *Dashboard) changeLevel(logger string, level json.RawMessage, how string) *apiError {
	if string(level) == "null" {
		if err := d.opts.Levels.ResetLevel(logger); err != nil {
			p := describeLevel(err)
			p.status, p.code = http.StatusNotFound, "not_found"
			return &p
		}
		return nil
	}
	var name string
	if err := json.Unmarshal(level, &name); err != nil {
		return badRequest("bad_request", "level is neither a text nor null", `write "level":"debug"`)
	}
	severity, ok := record.ParseLevel(name)
	if !ok {
		return badRequest("bad_request", "there is no level "+strconv.Quote(name), "the levels are TRACE, DEBUG, INFO, WARN, ERROR, FATAL, in any case")
	}
	var span time.Duration
	if how != "" {
		var err error
		if span, err = time.ParseDuration(how); err != nil || span <= 0 || span > maxLevelTime {
			return badRequest("bad_time", `"for" is a duration like 10m or 1h30m, above zero and at most 8760h (a year), not `+strconv.Quote(how), `write "for":"10m"; without "for" the level stays until it is reset`)
		}
	}
	if err := d.opts.Levels.SetLevel(logger, slog.Level(int(severity)-int(record.SeverityInfo)), span); err != nil {
		p := describeLevel(err)
		return &p
	}
	return nil
}

func describeLevel(err error) apiError {
	message, hint := err.Error(), ""
	var known *weir.Error
	if errors.As(err, &known) {
		message, hint = known.Message, known.UserMessage
	}
	return *badRequest("bad_request", message, hint)
}

// levelText writes a level as it can be read again: DEBUG, INFO+2.
func levelText(l slog.Level) string {
	severity := record.SeverityOf(int(l))
	text := severity.Level()
	if above := (int(severity) - 1) % 4; above > 0 {
		text += "+" + strconv.Itoa(above)
	}
	return text
}
