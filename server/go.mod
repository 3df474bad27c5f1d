module github.com/weirlog/weir/server

go 1.25.0
