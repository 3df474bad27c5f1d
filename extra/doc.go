// Package extra holds what a program may want from Weir that needs other people's
// modules: settings in TOML ([TOML]) and YAML ([YAML]) for package config, and zstd
// ([Zstd]) for the sink that ships records to a server.
//
//	log, err := config.New("shop", config.Options{
//		Decoders: []config.Decoder{extra.TOML(), extra.YAML()},
//	})
//
// It is a module of its own, so that a program without it requires nothing but
// Weir's root module, which requires nothing.
package extra
