package extra_test

import (
	"fmt"

	"github.com/weirlog/weir/config"
	"github.com/weirlog/weir/extra"
)

func ExampleTOML() {
	const file = `
[log]
level = "debug"
`
	c, err := config.Parse([]byte(file), "weir.toml", config.Options{Decoders: []config.Decoder{extra.TOML()}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Effective()[0])
	// Output: {log.level debug weir.toml:3:10}
}

func ExampleYAML() {
	const file = `
log:
  levle: debug
`
	_, err := config.Parse([]byte(file), "weir.yaml", config.Options{Decoders: []config.Decoder{extra.YAML()}})
	fmt.Println(err)
	// Output: weir.yaml:3:3: log.levle: there is no such key (did you mean level?)
}

func ExampleCompressors() {
	const file = `{"sinks": {"server": {"type": "ship", "server": "https://logs.example.com", "compression": "zstd"}}}`
	_, err := config.Parse([]byte(file), "weir.json", config.Options{Compressors: extra.Compressors()})
	fmt.Println(err)
	// Output: <nil>
}
