"""Shells of network devices, as far as netmiko looks at them."""

__all__ = ('Arista', 'Cisco', 'Huawei', 'Juniper', 'MikroTik', 'Shell')


class Shell:
    """A process of asyncssh: `prompt` after each command. `commands` has what was sent, by all sessions."""

    prompt = 'sw1>'
    # Said before the first prompt; to commands that begin so; to others.
    motd, answers, unknown = '', {}, ''

    def __init__(self):
        self.commands = []

    async def __call__(self, process):
        process.stdout.write(self.motd)
        self.channel = process.channel
        prompt = self.start(process)
        process.stdout.write(prompt)
        async for line in process.stdin:
            command = line.strip()
            self.commands.append(command)
            answer, prompt = self.answer(command, prompt)
            if prompt is None:
                break
            process.stdout.write(answer + prompt)
        process.exit(0)

    def start(self, process):
        return self.prompt

    def answer(self, command, prompt):
        if command in ('exit', 'quit', 'logout'):
            return '', None
        known = next((text for begin, text in self.answers.items() if command.startswith(begin)), self.unknown)
        return known if command else '', prompt


class Cisco(Shell):
    """`secret`: of the privileged mode; '' asks for none. `privileged`: from the start on."""

    secret, privileged = 'enable-secret', False

    def start(self, process):
        self.asking = 0
        return 'sw1#' if self.privileged else 'sw1>'

    def answer(self, command, prompt):
        if prompt == 'Password: ':
            if command == self.secret:
                return self.show('\n'), 'sw1#'
            self.asking += 1
            return (self.show('\n% Bad secrets\n\n'), 'sw1>') if self.asking == 3 else ('\n', prompt)
        if command == 'enable':
            if not self.secret:
                return '', 'sw1#'
            # It does not show what is typed.
            self.asking = 0
            self.channel.set_echo(False)
            return '', 'Password: '
        if command == 'disable':
            return '', 'sw1>'
        return super().answer(command, prompt)

    def show(self, text):
        self.channel.set_echo(True)
        return text


class Arista(Cisco):
    answers = {'terminal width': 'Width set to 511 columns.\n', 'terminal length': 'Pagination disabled.\n'}


class Juniper(Shell):
    prompt = 'operator@mx1> '
    answers = {
        'set cli screen-width': 'Screen width set to 511\n',
        'set cli complete-on-space': 'Disabling complete-on-space\n',
        'set cli screen-length': 'Screen length set to 0\n',
    }


class Huawei(Shell):
    prompt = '<ce1>'
    unknown = "Error: Unrecognized command found at '^' position.\n"


class MikroTik(Shell):
    prompt = '[operator@mt1] > '
