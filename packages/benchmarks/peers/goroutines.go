// Goroutines on one processor, the same programs as their siblings in JavaScript. A goroutine has no name, cannot be listed, and is
// cancelled only if it looks at a context. Reads requests and writes answers as src/worker.ts does, one JSON object a line.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

type setting struct {
	Tasks int `json:"tasks"`
	Limit int `json:"limit"`
	Depth int `json:"depth"`
}

type request struct {
	Program string  `json:"program"`
	N       int     `json:"n"`
	Setting setting `json:"setting"`
	Times   int     `json:"times"`
}

// Which part of a program counts; without a start, all of it.
type probe struct {
	wall, cpu, startWall, startCPU int64
	explicit                       bool
	held                           *int64
}

// The processor time of all threads: Go's collector has its own, where V8's scavenger runs on the main one.
func cpuTime() int64 {
	var ts syscall.Timespec
	const processTime = 2
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, processTime, uintptr(unsafe.Pointer(&ts)), 0)
	return ts.Nano()
}

func (p *probe) start() {
	p.explicit = true
	p.startCPU, p.startWall = cpuTime(), time.Now().UnixNano()
}

func (p *probe) stop() {
	p.wall += time.Now().UnixNano() - p.startWall
	p.cpu += cpuTime() - p.startCPU
}

func inUse() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapInuse + stats.StackInuse)
}

func one(done chan<- int) { done <- 1 }

func all(n int, body func()) {
	var group sync.WaitGroup
	group.Add(n)
	for i := 0; i < n; i++ {
		go func() {
			defer group.Done()
			body()
		}()
	}
	group.Wait()
}

func steps(n int) {
	for i := 0; i < n; i++ {
		runtime.Gosched()
	}
}

func share(n, tasks int) int { return (n + tasks - 1) / tasks }

func contend(n, tasks, permits int) {
	semaphore := make(chan struct{}, permits)
	all(tasks, func() {
		for i := 0; i < share(n, tasks); i++ {
			semaphore <- struct{}{}
			runtime.Gosched()
			<-semaphore
		}
	})
}

// Sleepers that end when the context does.
func sleeping(n int) (cancel func(), ended *sync.WaitGroup) {
	ctx, cancel := context.WithCancel(context.Background())
	ended = &sync.WaitGroup{}
	ended.Add(n)
	for i := 0; i < n; i++ {
		go func() {
			defer ended.Done()
			timer := time.NewTimer(time.Hour)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-ctx.Done():
			}
		}()
	}
	runtime.Gosched()
	return cancel, ended
}

func branch(depth int) {
	if depth == 0 {
		runtime.Gosched()
		return
	}
	all(2, func() { branch(depth - 1) })
}

func depthOf(n int) int {
	depth := -1
	for n++; n > 1; n /= 2 {
		depth++
	}
	return depth
}

var programs = map[string]func(int, *probe, setting){
	"createAndAwait": func(n int, _ *probe, _ setting) {
		for i := 0; i < n; i++ {
			done := make(chan int, 1)
			go one(done)
			<-done
		}
	},
	"createThenAwait": func(n int, _ *probe, _ setting) {
		tasks := make([]chan int, n)
		for i := range tasks {
			tasks[i] = make(chan int, 1)
			go one(tasks[i])
		}
		for _, done := range tasks {
			<-done
		}
	},
	"gather":    func(n int, _ *probe, _ setting) { all(n, runtime.Gosched) },
	"taskGroup": func(n int, _ *probe, _ setting) { all(n, runtime.Gosched) },
	"sleepZero": func(n int, _ *probe, _ setting) { steps(n) },
	"sleepZeroInMany": func(n int, _ *probe, s setting) {
		all(s.Tasks, func() { steps(share(n, s.Tasks)) })
	},
	"queue": func(n int, _ *probe, s setting) {
		queue := make(chan int, s.Limit)
		half := sync.WaitGroup{}
		half.Add(1)
		go func() {
			defer half.Done()
			all(s.Tasks, func() {
				for i := 0; i < share(n, s.Tasks); i++ {
					queue <- i
				}
			})
		}()
		all(s.Tasks, func() {
			for i := 0; i < share(n, s.Tasks); i++ {
				<-queue
			}
		})
		half.Wait()
	},
	"lock":      func(n int, _ *probe, s setting) { contend(n, s.Tasks, 1) },
	"semaphore": func(n int, _ *probe, s setting) { contend(n, s.Tasks, s.Limit) },
	"pool":      func(n int, _ *probe, s setting) { contend(n, n, s.Limit) },
	"poolOfWorkers": func(n int, _ *probe, s setting) {
		left := n
		all(s.Limit, func() {
			for left > 0 {
				left--
				runtime.Gosched()
			}
		})
	},
	"pipeline": func(n int, _ *probe, s setting) {
		queues := make([]chan int, 4)
		for i := range queues {
			queues[i] = make(chan int, s.Limit)
		}
		for i := 0; i < 3; i++ {
			go func(from, to chan int) {
				for i := 0; i < n; i++ {
					to <- <-from + 1
				}
			}(queues[i], queues[i+1])
		}
		go func() {
			for i := 0; i < n; i++ {
				queues[0] <- i
			}
		}()
		for i := 0; i < n; i++ {
			<-queues[3]
		}
	},
	"heartbeats": func(n int, _ *probe, s setting) {
		tasks := s.Tasks
		if n < tasks {
			tasks = n
		}
		all(tasks, func() {
			for i := 0; i < share(n, tasks); i++ {
				time.Sleep(10 * time.Millisecond)
			}
		})
	},
	"retry": func(n int, _ *probe, _ setting) {
		again := errors.New("again")
		attempt := 0
		fickle := func() error {
			runtime.Gosched()
			attempt++
			if attempt%3 != 0 {
				return again
			}
			return nil
		}
		for i := 0; i < n; i++ {
			for left := 2; fickle() != nil && left > 0; left-- {
			}
		}
	},
	"cancelSleepers": func(n int, p *probe, _ setting) {
		cancel, ended := sleeping(n)
		p.start()
		cancel()
		ended.Wait()
		p.stop()
	},
	"tree": func(n int, _ *probe, _ setting) { branch(depthOf(n)) },
	"sleepers": func(n int, p *probe, _ setting) {
		cancel, ended := sleeping(n)
		held := inUse()
		p.held = &held
		cancel()
		ended.Wait()
	},
	"forkLoop": func(n int, _ *probe, _ setting) {
		for i := 0; i < n; i++ {
			go func() {}()
		}
		runtime.Gosched()
	},
}

func perform(r request) (answer map[string]any) {
	defer func() {
		if trouble := recover(); trouble != nil {
			answer = map[string]any{"error": fmt.Sprint(trouble)}
		}
	}()
	p := &probe{}
	var before int64
	if r.Program == "sleepers" {
		before = inUse()
	}
	whole := &probe{}
	whole.start()
	for i := 0; i < r.Times; i++ {
		programs[r.Program](r.N, p, r.Setting)
	}
	whole.stop()
	counted := whole
	if p.explicit {
		counted = p
	}
	answer = map[string]any{
		"nanos":     float64(counted.wall) / float64(r.Times),
		"cpuNanos":  float64(counted.cpu) / float64(r.Times),
		"peakBytes": nil,
	}
	if p.held != nil {
		answer["heldBytes"] = *p.held - before
	}
	return answer
}

func main() {
	runtime.GOMAXPROCS(1)
	input := bufio.NewScanner(os.Stdin)
	output := json.NewEncoder(os.Stdout)
	for input.Scan() {
		var r request
		if err := json.Unmarshal(input.Bytes(), &r); err != nil {
			panic(err)
		}
		if r.Program != "describe" {
			output.Encode(perform(r))
			continue
		}
		known := map[string]any{}
		for name := range programs {
			known[name] = nil
		}
		output.Encode(map[string]any{"versions": map[string]string{"go": runtime.Version()}, "programs": known})
	}
}
