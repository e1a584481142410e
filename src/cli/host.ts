import type { Command } from 'commander'
import type { Directory } from '../store/directory.ts'
import type { Console } from './console.ts'
import type { Calltrail } from './open.ts'

/** The options that every command takes. */
export interface CommonOptions {
  data?: string
  json?: boolean
}

/** Where a command on a data folder runs: in the process that was started, or in the one that serves the folder. */
export interface AtDirectory {
  directory: Directory
  console: Console
  /** The absolute path of the data folder. */
  folder: string
  /** Where relative paths of the command line begin. */
  cwd: string
  json: boolean
}

export interface At extends AtDirectory {
  calltrail: Calltrail
}

/** The work of a command; resolves with its exit code. */
export type FolderCommand = (at: At) => Promise<number>
export type DirectoryCommand = (at: AtDirectory) => Promise<number>

export interface FolderNeeds {
  /** May make the folder where there is none. */
  creates?: boolean
  /** Reads standard input. */
  stdin?: boolean
  /** Absolute path of the file that takes the output, written whole or not at all; standard output unless given. */
  out?: string
}

/** Runs the commands of one command line. */
export interface Host {
  cwd: string
  onFolder(options: CommonOptions, needs: FolderNeeds, command: FolderCommand): Promise<void>
  /** For a command that asks for no calls. */
  onDirectory(options: CommonOptions, needs: FolderNeeds, command: DirectoryCommand): Promise<void>
}

/** Adds a command with the options that all of them take. */
export function addCommand(parent: Command, nameAndArguments: string, description: string): Command {
  return parent
    .command(nameAndArguments)
    .description(description)
    .option('--data <dir>', 'the data folder (default: CALLTRAIL_DATA, else ./calltrail-data)')
    .option('--json', 'answer in JSON')
}

/** Answers in JSON or in text, as the command line asked. */
export async function answer(
  { json, console }: Pick<AtDirectory, 'json' | 'console'>,
  given: { json: unknown; text: string },
) {
  await console.out(json ? `${JSON.stringify(given.json)}\n` : given.text)
}
