import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const TRACED = 'fdatasync,fsync,write,writev,pwrite64,pwritev,sendto,sendmsg'

/** The command that runs another one and writes its system calls to a file, those of all its threads in order. */
export function tracerTo(file: string): string[] {
  // Files by their path, and strings long enough for a page of a database.
  return ['strace', '-f', '-y', '-s', '9000', '-e', `trace=${TRACED}`, '-o', file]
}

/** Why system calls cannot be traced here; null where they can. */
export function whyNoTrace(): string | null {
  const { error, status, stderr } = spawnSync('strace', ['-o', '/dev/null', 'true'], { encoding: 'utf8' })
  if (error !== undefined) return 'strace is not installed (.ci/run installs it)'
  return status === 0 ? null : `strace cannot trace here: ${stderr.trim()}`
}

export interface SystemCall {
  name: string
  /** Path of the file behind its first argument; `socket:[7]` for a socket. */
  path: string
  /** Its other arguments as strace shows them. */
  data: string
  result: number
  /** Place in the trace of its beginning and of its end, the same unless others came in between. */
  began: number
  ended: number
}

const WHOLE = /^(\d+) +(\w+)\(\d+<([^>]*)>(.*?)(?:\) += (-?\d+).*| <unfinished \.\.\.>)$/s
const RESUMED = /^(\d+) +<\.\.\. (\w+) resumed>.*\) += (-?\d+)/s

/** Every traced call that came back, in the order of its beginning. */
export function readTrace(file: string): SystemCall[] {
  const calls: SystemCall[] = []
  const unfinished = new Map<string, SystemCall>()
  readFileSync(file, 'latin1')
    .split('\n')
    .forEach((line, at) => {
      const resumed = RESUMED.exec(line)
      if (resumed !== null) {
        const call = unfinished.get(`${resumed[1]} ${resumed[2]}`)
        if (call !== undefined) Object.assign(call, { ended: at, result: Number(resumed[3]) })
        return
      }
      const whole = WHOLE.exec(line)
      if (whole === null) return
      const [, thread, name = '', path = '', data = '', result] = whole
      const call = { name, path, data, result: Number(result ?? Number.NaN), began: at, ended: at }
      if (result === undefined) unfinished.set(`${thread} ${name}`, { ...call, ended: Number.POSITIVE_INFINITY })
      calls.push(result === undefined ? (unfinished.get(`${thread} ${name}`) as SystemCall) : call)
    })
  return calls
}
