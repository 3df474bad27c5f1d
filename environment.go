package weir

import (
	"fmt"
	"log/slog"
	"maps"
	"strings"

	"github.com/weirlog/weir/record"
)

// fromEnvironment fills in what the options leave open. It returns what it cannot
// understand, which is left out.
func (o *Options) fromEnvironment(lookup func(string) (string, bool)) (problems []error) {
	get := func(names ...string) (name, value string) {
		for _, name := range names {
			if v, ok := lookup(name); ok && strings.TrimSpace(v) != "" {
				return name, strings.TrimSpace(v)
			}
		}
		return "", ""
	}
	refuse := func(name, value, expected string) {
		problems = append(problems, &Error{
			Layer: LayerConfiguration, Service: "Environment", Category: CategoryValidation, Severity: SeverityError,
			Message:     fmt.Sprintf("%s is %q, which is ignored", name, value),
			UserMessage: "expected " + expected,
			Context:     map[string]any{"variable": name, "value": value},
		})
	}
	const levelNames = "TRACE, DEBUG, INFO, WARN, ERROR or FATAL"
	if name, v := get("WEIR_LEVEL"); v != "" && o.Level == nil {
		if level, err := ParseLevel(v); err != nil {
			refuse(name, v, levelNames)
		} else {
			o.Level = level
		}
	}
	if name, v := get("WEIR_LEVELS"); v != "" {
		loggers := maps.Clone(o.Loggers)
		if loggers == nil {
			loggers = map[string]LoggerOptions{}
		}
		for rule := range strings.SplitSeq(v, ",") {
			logger, text, ok := strings.Cut(rule, "=")
			logger = strings.TrimSpace(logger)
			level, err := ParseLevel(text)
			if !ok || err != nil || logger == "" {
				refuse(name, rule, "name=level, as app.db=debug")
				continue
			}
			if lo := loggers[logger]; lo.Level == nil {
				lo.Level = level
				loggers[logger] = lo
			}
		}
		o.Loggers = loggers
	}
	if name, v := get("WEIR_OVERFLOW"); v != "" && o.Overflow == 0 && !o.overflowSet {
		if err := o.Overflow.UnmarshalText([]byte(v)); err != nil {
			refuse(name, v, "drop_oldest, drop_newest, block or fail")
		}
	}
	if name, v := get("WEIR_SOURCE"); v != "" && !o.NoSource {
		switch strings.ToLower(v) {
		case "1", "true", "on", "yes":
		case "0", "false", "off", "no":
			o.NoSource = true
		default:
			refuse(name, v, "true or false")
		}
	}
	if _, v := get("WEIR_CHECKPOINTS"); o.CheckpointDir == "" {
		o.CheckpointDir = v
	}
	for _, s := range []struct {
		field *string
		names []string
	}{
		{&o.Resource.Service, []string{"WEIR_SERVICE", "SERVICE_NAME"}},
		{&o.Resource.Environment, []string{"WEIR_ENVIRONMENT", "ENVIRONMENT", "NODE_ENV"}},
		{&o.Resource.ServiceVersion, []string{"WEIR_SERVICE_VERSION", "SERVICE_VERSION"}},
	} {
		if *s.field == "" {
			_, *s.field = get(s.names...)
		}
	}
	if name, v := get("WEIR_LOG_TYPE", "LOG_TYPE"); v != "" && o.Resource.LogType == "" {
		switch kind := strings.ToUpper(v); kind {
		case "BACKEND", "FRONTEND", "MOBILE", "IOT", "WORKER":
			o.Resource.LogType = kind
		default:
			refuse(name, v, "BACKEND, FRONTEND, MOBILE, IOT or WORKER")
		}
	}
	return problems
}

// ParseLevel reads a level's name or alias in any case, as records are read:
// "warning" is WARN, "critical" FATAL.
func ParseLevel(text string) (slog.Level, error) {
	s, ok := record.ParseLevel(text)
	if !ok {
		return 0, fmt.Errorf("weir: there is no level %q (there are TRACE, DEBUG, INFO, WARN, ERROR and FATAL)", text)
	}
	return slog.Level(s) - slog.Level(record.SeverityInfo), nil
}
