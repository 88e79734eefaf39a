import { Argument, type Command } from 'commander';
import { type Say } from '../console/language.js';
import { type CommandContext } from './context.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** What may follow a command's name. */
interface Completions {
  readonly name: string;
  readonly description: string;
  readonly words: readonly string[];
}

/** `completion`: a script by which a shell completes commands, options and scenarios. */
export function addCompletion(program: Command, { stdout }: CommandContext, say: Say): void {
  program
    .command('completion')
    .description(
      say(
        'print a script that completes commands and options in bash, zsh or fish',
        '印出讓 bash、zsh 或 fish 自動完成指令與選項的腳本',
      ),
    )
    .addArgument(new Argument('<shell>', say('the shell', '使用的 shell')).choices(SHELLS))
    .addHelpText(
      'after',
      `
${say('Examples:', '範例：')}
  $ source <(wanpay-emulator completion bash)
  $ wanpay-emulator completion zsh > "\${fpath[1]}/_wanpay-emulator"
  $ wanpay-emulator completion fish > ~/.config/fish/completions/wanpay-emulator.fish`,
    )
    .action((shell: Shell) => {
      stdout.write(`${WRITERS[shell](program.name(), optionsOf(program), program.commands.map(completionsOf))}\n`);
    });
}

function completionsOf(command: Command): Completions {
  const choices = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices);
  return { name: command.name(), description: command.description(), words: [...choices, ...optionsOf(command)] };
}

function optionsOf(command: Command): readonly string[] {
  return [...command.options.flatMap(({ long }) => long ?? []), '--help'];
}

const WRITERS: Readonly<
  Record<Shell, (program: string, options: readonly string[], commands: readonly Completions[]) => string>
> = {
  bash: (program, options, commands) => {
    const first = [...commands.map(({ name }) => name), ...options].join(' ');
    return [
      `_${functionName(program)}() {`,
      '  local current=${COMP_WORDS[COMP_CWORD]} words',
      '  case "${COMP_CWORD}:${COMP_WORDS[1]}" in',
      `    1:*) words="${first}" ;;`,
      ...commands.map(({ name, words }) => `    *:${name}) words="${words.join(' ')}" ;;`),
      `    *) words="${options.join(' ')}" ;;`,
      '  esac',
      '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
      '}',
      `complete -o default -F _${functionName(program)} ${program}`,
    ].join('\n');
  },
  zsh: (program, options, commands) =>
    [
      `#compdef ${program}`,
      `_${functionName(program)}() {`,
      '  if (( CURRENT == 2 )); then',
      `    local -a commands=(${commands.map(({ name, description }) => quoted(`${name}:${description}`)).join(' ')})`,
      "    _describe 'command' commands",
      `    compadd -- ${options.join(' ')}`,
      '    return',
      '  fi',
      '  case $words[2] in',
      ...commands.map(({ name, words }) => `    ${name}) compadd -- ${words.join(' ')} ;;`),
      `    *) compadd -- ${options.join(' ')} ;;`,
      '  esac',
      '  _files',
      '}',
      // As a file of fpath it is itself the function that completes, and else it is told to complete from now on.
      `if [[ $funcstack[1] == _${program} ]]; then`,
      `  _${functionName(program)} "$@"`,
      'else',
      `  compdef _${functionName(program)} ${program}`,
      'fi',
    ].join('\n'),
  fish: (program, options, commands) =>
    [
      ...commands.map(
        ({ name, description }) =>
          `complete -c ${program} -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
      ),
      `complete -c ${program} -n __fish_use_subcommand -a '${options.join(' ')}'`,
      ...commands.map(
        ({ name, words }) => `complete -c ${program} -n '__fish_seen_subcommand_from ${name}' -a '${words.join(' ')}'`,
      ),
    ].join('\n'),
};

function functionName(program: string): string {
  return program.replaceAll('-', '_');
}

/** In single quotes; the typographic apostrophe of our texts needs no escape. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", '’')}'`;
}
