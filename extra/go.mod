module github.com/weirlog/weir/extra

go 1.25.0

require (
	github.com/BurntSushi/toml v1.6.0
	github.com/goccy/go-yaml v1.19.2
	github.com/klauspost/compress v1.20.3
)
