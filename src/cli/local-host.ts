import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Config, readConfig } from '../config/config.ts'
import { FolderLockedError, folderPaths } from '../store/sqlite/folder/folder.ts'
import { UnusableFolderError } from '../store/sqlite/folder/folder-check.ts'
import type { Migration } from '../store/sqlite/folder/migration-progress.ts'
import { askStatus, runInServer } from './control/control-client.ts'
import { createdNotice } from './created-notice.ts'
import { CommandError, EXIT, wrongUsage } from './exit.ts'
import { foreignFolderWarning } from './foreign-folder.ts'
import type { AtDirectory, CommonOptions, DirectoryCommand, FolderCommand, FolderNeeds, Host } from './host.ts'
import { migrationLine } from './migration-line.ts'
import { type OpenedDirectory, openCalltrail, openDirectory } from './open.ts'
import { requireEntrance } from './require-entrance.ts'
import { fileOutput, type Terminal } from './terminal.ts'
import { whenFree } from './when-free.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** The settings of a command line: the environment's, but for `--data`. Throws `ConfigError`. */
export function configFor({ data }: CommonOptions, environment: Environment): Config {
  return readConfig(data === undefined ? environment : { ...environment, CALLTRAIL_DATA: data })
}

/** How a command is run where nobody else holds the folder. */
interface Alone<T> {
  open: (config: Config) => Promise<T>
  run: (opened: T, at: Omit<AtDirectory, 'directory'>) => Promise<number>
}

/** Runs commands in the process that was started, or has the server of the folder run them. */
export class LocalHost implements Host {
  readonly cwd = process.cwd()
  readonly environment: Environment
  exitCode: number = EXIT.done
  readonly #terminal: Terminal
  readonly #argv: readonly string[]

  constructor(given: { terminal: Terminal; argv: readonly string[]; environment: Environment }) {
    this.#terminal = given.terminal
    this.#argv = given.argv
    this.environment = given.environment
  }

  onFolder(options: CommonOptions, needs: FolderNeeds, command: FolderCommand): Promise<void> {
    const onMigration = (migration: Migration) => this.#terminal.say(migrationLine(migration))
    return this.#run(options, needs, {
      // One thread for pages is enough: nobody else asks for any.
      open: (config) => openCalltrail({ ...config, pageReaders: 1 }, { onFailure: endAtOnce, onMigration }),
      run: (calltrail, at) => command({ ...at, calltrail, directory: calltrail.directory }),
    })
  }

  onDirectory(options: CommonOptions, needs: FolderNeeds, command: DirectoryCommand): Promise<void> {
    return this.#run(options, needs, {
      open: openDirectory,
      run: ({ directory }, at) => command({ ...at, directory }),
    })
  }

  async #run<T extends OpenedDirectory>(options: CommonOptions, needs: FolderNeeds, alone: Alone<T>): Promise<void> {
    const config = configFor(options, this.environment)
    requireEntrance(config.data)
    if (needs.creates !== true && !existsSync(folderPaths(config.data).meta))
      throw wrongUsage(`there are no data in ${resolve(config.data)}; calltrail serve, import or demo begin a folder`)
    const json = options.json === true
    this.#terminal.isQuiet = json
    this.exitCode = EXIT.failed
    await this.#warnRoot(config)
    const output = needs.out === undefined ? null : await fileOutput(needs.out)
    this.#terminal.divert(output)
    try {
      const opened = await this.#openOrAsk(config, needs, alone)
      this.exitCode = typeof opened === 'number' ? opened : await this.#alone(opened, { config, json, alone })
    } finally {
      this.#terminal.progress(null)
      this.#terminal.divert(null)
      await output?.finish(this.exitCode === EXIT.done)
    }
  }

  /** Where no server does the work, and leaves its files, as its own user. */
  async #warnRoot({ data }: Config): Promise<void> {
    const warning = foreignFolderWarning(data)
    if (warning !== null && (await askStatus(data).catch(() => null)) === null) this.#terminal.say(warning)
  }

  async #alone<T extends OpenedDirectory>(
    opened: T,
    { config, json, alone }: { config: Config; json: boolean; alone: Alone<T> },
  ): Promise<number> {
    const terminal = this.#terminal
    try {
      for (const line of createdNotice(opened, config)) terminal.say(line)
      return await alone.run(opened, { console: terminal, folder: resolve(config.data), cwd: this.cwd, json })
    } finally {
      terminal.progress(null)
      await opened.close()
    }
  }

  /** The exit code of the server that holds the folder and has run the command, else the opened folder. */
  async #openOrAsk<T>(config: Config, { stdin = false }: FolderNeeds, { open }: Alone<T>): Promise<T | number> {
    const request = { argv: this.#argv, cwd: this.cwd, stdin }
    const openOrAsk = async () => {
      try {
        return await open(config)
      } catch (error) {
        // A folder that this user may not write can have a server that it may ask.
        if (!(error instanceof FolderLockedError || error instanceof UnusableFolderError)) throw error
        const code = await runInServer(config.data, request, this.#terminal).catch((refusal) => {
          throw error instanceof UnusableFolderError ? besides(error, refusal) : refusal
        })
        if (code === null) throw error
        return code
      }
    }
    try {
      return await whenFree(openOrAsk, this.#terminal.signal)
    } catch (error) {
      if (!(error instanceof FolderLockedError)) throw error
      throw new CommandError(EXIT.inUse, `${error.message} that takes no commands: wait for it to end`)
    }
  }
}

/** That a folder cannot be written, and that the socket beside it is another user's. */
function besides({ message }: UnusableFolderError, refusal: unknown): unknown {
  if (!(refusal instanceof CommandError) || refusal.exitCode !== EXIT.inUse) return refusal
  const seen = 'its control.sock is there, as while it is being served, and is another user’s'
  return new CommandError(EXIT.failed, `${message}; ${seen}: run the command as the user who serves it`)
}

function endAtOnce(error: Error): void {
  process.stderr.write(`calltrail: the store failed: ${error.message}\n`)
  process.exit(EXIT.failed)
}
