package dev.supportdb.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "completion", mixinStandardHelpOptions = true,
        description = "Print a shell script that completes commands and options.",
        footer = {"", "  bash: source <(./supportdb completion bash)",
            "  zsh:  autoload -Uz compinit && compinit; source <(./supportdb completion zsh)"})
final class CompletionCommand implements Callable<Integer> {

    /** The shells. zsh uses the completion of bash, through bashcompinit. */
    enum Shell { bash, zsh }

    @Spec
    private CommandSpec command;

    @Parameters(paramLabel = "SHELL", description = "one of ${COMPLETION-CANDIDATES}")
    private Shell shell;

    @Override
    public Integer call() {
        System.out.print(AutoComplete.bash("supportdb", command.root().commandLine()));
        // Users type the command with its folder.
        System.out.println("complete -F _complete_supportdb -o default ./supportdb");
        return ExitCode.DONE;
    }
}
