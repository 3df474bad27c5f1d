module github.com/weirlog/weir/bench

go 1.25.0
