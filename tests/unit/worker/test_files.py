"""Secret files are read below one directory only, as Docker and Kubernetes mount them."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from netops_worker.errors import NetOpsError
from netops_worker.secrets import FileProvider

CANARY = 'canary-file-secret'


@pytest.fixture
def root(tmp_path):
    directory = tmp_path / 'secrets'
    directory.mkdir(mode=0o755)
    return directory


def write(path, content=CANARY, mode=0o400):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(mode)
    return path


def code_of(directory, reference):
    with pytest.raises(NetOpsError) as caught:
        FileProvider(directory).resolve(reference)
    assert CANARY not in str(caught.value)
    return caught.value.code


@pytest.mark.parametrize('mode', [0o400, 0o440, 0o444, 0o600, 0o644])
def test_reads_files_with_the_modes_of_mounts(root, mode):
    """The modes that Docker and Kubernetes give to secret files are accepted."""
    write(root / 'community', mode=mode)
    assert FileProvider(root).resolve('community').reveal() == CANARY


def test_reads_below_sub_directories(root):
    """A reference may have several parts; single dots and doubled slashes mean nothing."""
    write(root / 'lab' / 'snmp' / 'community')
    assert FileProvider(str(root)).resolve('lab/.//snmp/community').reveal() == CANARY


def kubernetes(root, version='..2026_11_24', content=CANARY):
    write(root / version / 'community', content, 0o440)
    link = root / '..data_tmp'
    link.symlink_to(version)
    link.rename(root / '..data')
    if not (root / 'community').is_symlink():
        (root / 'community').symlink_to('..data/community')


def test_follows_the_links_of_kubernetes(root):
    """A Kubernetes volume (community -> ..data/community, ..data -> ..date) works, also after an update."""
    kubernetes(root)
    root.chmod(0o1777)  # as the kubelet creates the mount
    provider = FileProvider(root)
    assert provider.resolve('community').reveal() == CANARY
    kubernetes(root, '..2026_11_25', 'changed')
    assert provider.resolve('community').reveal() == 'changed'


def test_survives_the_update_of_a_kubernetes_volume(root, monkeypatch):
    """If the volume is switched between two steps and the old directory removed, the new content is read."""
    kubernetes(root)
    original, steps = os.readlink, []

    def switch(*args, **kwargs):
        target = original(*args, **kwargs)
        steps.append(target)
        if len(steps) == 2:
            kubernetes(root, '..2026_11_25', 'changed')
            (root / '..2026_11_24' / 'community').unlink()
            (root / '..2026_11_24').rmdir()
        return target

    monkeypatch.setattr(os, 'readlink', switch)
    assert FileProvider(root).resolve('community').reveal() == 'changed'
    assert steps[1] == '..2026_11_24'


def test_follows_links_that_stay_inside(root):
    """Relative links with `..` and absolute links are fine as long as they stay below the directory."""
    write(root / 'real' / 'community')
    (root / 'links').mkdir()
    (root / 'links' / 'relative').symlink_to('../real/community')
    (root / 'links' / 'absolute').symlink_to(root / 'real' / 'community')
    (root / 'directory').symlink_to(root / 'real')
    for reference in ('links/relative', 'links/absolute', 'directory/community'):
        assert FileProvider(root).resolve(reference).reveal() == CANARY


def test_the_directory_may_be_a_link(root, tmp_path):
    """The configured directory itself may be a link (/var/run -> /run), and absolute links may name either."""
    write(root / 'community')
    (tmp_path / 'alias').symlink_to(root)
    (root / 'by-alias').symlink_to(tmp_path / 'alias' / 'community')
    assert FileProvider(tmp_path / 'alias').resolve('community').reveal() == CANARY
    assert FileProvider(tmp_path / 'alias').resolve('by-alias').reveal() == CANARY


@pytest.mark.parametrize('content', [CANARY, CANARY + '\n', CANARY + '\r\n'])
def test_strips_one_newline(root, content):
    """The newline an editor adds at the end is not part of the secret."""
    write(root / 'community', content)
    assert FileProvider(root).resolve('community').reveal() == CANARY


def test_keeps_everything_else(root):
    """Spaces, inner newlines and a second trailing newline are part of the secret."""
    write(root / 'key', ' a\nb\n\n')
    assert FileProvider(root).resolve('key').reveal() == ' a\nb\n'


@pytest.mark.parametrize(
    'reference',
    ['/etc/passwd', '..', '../outside', 'a/../community', 'a/..', 'community\0', '', '.', './', 'a', 'a/.', None, 7],
)
def test_refuses_references_that_are_no_file_below(root, reference):
    """Absolute paths, `..` anywhere, NUL, and directories are refused."""
    write(root / 'community')
    write(root.parent / 'outside')
    (root / 'a').mkdir()
    assert code_of(root, reference) == 'secret:refused'


@pytest.mark.parametrize(
    'target', ['../outside', '/etc/passwd', 'a/../../outside', '..', '.', 'loop', '../secrets-too/community']
)
def test_refuses_links_that_lead_out(root, target):
    """A link out of the directory is refused, however it is written, and so is a loop."""
    write(root.parent / 'outside')
    write(root.parent / 'secrets-too' / 'community')
    (root / 'a').mkdir()
    (root / 'loop').symlink_to(target)
    assert code_of(root, 'loop') == 'secret:refused'


def test_refuses_a_directory_link_that_leads_out(root):
    """A link in the middle of the path may not lead out either."""
    write(root.parent / 'elsewhere' / 'community')
    (root / 'lab').symlink_to('../elsewhere')
    assert code_of(root, 'lab/community') == 'secret:refused'


def test_refuses_a_file_that_becomes_a_link(root, monkeypatch):
    """A file that is replaced by a link between the look and the opening is refused."""
    write(root / 'community')
    outside = write(root.parent / 'outside')
    original = os.open

    def swap(path, flags, *args, **kwargs):
        if path == 'community':
            (root / 'community').unlink()
            (root / 'community').symlink_to(outside)
        return original(path, flags, *args, **kwargs)

    monkeypatch.setattr(os, 'open', swap)
    assert code_of(root, 'community') == 'secret:refused'


def test_refuses_a_file_that_becomes_a_fifo(root, monkeypatch):
    """A file that is replaced by a FIFO between the look and the opening is refused and does not block."""
    write(root / 'community')
    original = os.open

    def swap(path, flags, *args, **kwargs):
        if path == 'community':
            (root / 'community').unlink()
            os.mkfifo(root / 'community')
        return original(path, flags, *args, **kwargs)

    monkeypatch.setattr(os, 'open', swap)
    assert code_of(root, 'community') == 'secret:refused'


def test_refuses_what_is_no_regular_file(root):
    """FIFO and socket are refused at once, without waiting for a writer."""
    os.mkfifo(root / 'fifo')
    with socket.socket(socket.AF_UNIX) as server:
        here = os.open(root, os.O_RDONLY)
        try:
            server.bind(f'/proc/self/fd/{here}/socket')
        finally:
            os.close(here)
    for reference in ('fifo', 'socket'):
        assert code_of(root, reference) == 'secret:refused'


def test_refuses_a_device(root):
    """A device node is refused without being opened."""
    try:
        os.mknod(root / 'null', 0o020444, os.makedev(1, 3))
    except PermissionError:
        pytest.skip('only root can make a device node')
    assert code_of(root, 'null') == 'secret:refused'


@pytest.mark.parametrize('mode', [0o666, 0o602, 0o777, 0o442])
def test_refuses_files_everybody_may_write(root, mode):
    """A file that everybody may write is no secret to trust."""
    write(root / 'community', mode=mode)
    assert code_of(root, 'community') == 'secret:refused'


@pytest.mark.parametrize('where', ['.', 'lab', 'lab/snmp'])
def test_refuses_directories_everybody_may_write(root, where):
    """A world-writable directory on the path lets anybody swap the file; sticky ones do not."""
    write(root / 'lab' / 'snmp' / 'community')
    (root / where).chmod(0o777)
    assert code_of(root, 'lab/snmp/community') == 'secret:refused'
    (root / where).chmod(0o1777)
    assert FileProvider(root).resolve('lab/snmp/community').reveal() == CANARY


def test_refuses_a_link_in_a_directory_everybody_may_write(root):
    """It does not help that the link in a world-writable directory points to a safe place."""
    write(root / 'safe' / 'community')
    (root / 'open').mkdir()
    (root / 'open').chmod(0o777)
    (root / 'open' / 'community').symlink_to('../safe/community')
    assert code_of(root, 'open/community') == 'secret:refused'


@pytest.mark.parametrize('reference', ['missing', 'lab/missing', 'missing/community', 'community/below', 'x' * 300])
def test_missing_files_are_not_found(root, reference):
    """What does not exist is not found."""
    write(root / 'community')
    (root / 'lab').mkdir()
    assert code_of(root, reference) == 'secret:not-found'


def test_a_dangling_link_is_not_found(root):
    """A link to nothing inside the directory is a missing secret."""
    (root / 'community').symlink_to('..data/community')
    assert code_of(root, 'community') == 'secret:not-found'


@pytest.mark.parametrize('content', ['', '\n', '\r\n'])
def test_empty_files_are_not_found(root, content):
    """An empty file holds no secret."""
    write(root / 'community', content)
    assert code_of(root, 'community') == 'secret:not-found'


def test_size_is_bounded(root):
    """64 KiB are read, one byte more is refused."""
    write(root / 'largest', 'x' * 65536)
    write(root / 'larger', 'x' * 65537)
    assert len(FileProvider(root).resolve('largest').reveal()) == 65536
    assert code_of(root, 'larger') == 'secret:refused'


def test_only_utf8(root):
    """A file that is not UTF-8 is refused, and its bytes are not shown."""
    write(root / 'binary', b'\xff\xfe' + CANARY.encode())
    assert code_of(root, 'binary') == 'secret:refused'


@pytest.mark.parametrize('directory', [None, ''])
def test_not_configured(directory):
    """Without a configured directory the provider is unavailable, and says what to configure."""
    with pytest.raises(NetOpsError) as caught:
        FileProvider(directory).resolve('community')
    assert caught.value.code == 'secret:unavailable'
    assert 'configured' in caught.value.detail


def test_a_missing_directory_is_unavailable(root):
    """A directory that is not mounted (yet) is the provider's failure: a later attempt may succeed."""
    assert code_of(root / 'not-mounted', 'community') == 'secret:unavailable'
    write(root / 'file')
    assert code_of(root / 'file', 'community') == 'secret:unavailable'


def test_input_output_errors_are_unavailable(root, monkeypatch):
    """A disk that fails is the provider's failure, told without a path of its own making."""
    write(root / 'community')

    def fail(descriptor, size):
        raise OSError(5, 'Input/output error')

    monkeypatch.setattr(os, 'read', fail)
    assert code_of(root, 'community') == 'secret:unavailable'


UNPRIVILEGED = """
import os, sys
directory, reference = sys.argv[1:]
if os.getuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
from netops_worker.secrets import FileProvider
from netops_worker.errors import NetOpsError
try:
    FileProvider(directory).resolve(reference)
except NetOpsError as error:
    print(error.code)
"""


@pytest.mark.parametrize('mode', [(0o755, 0o000), (0o000, 0o444)])
def test_unreadable_files_are_unavailable(tmp_path_factory, mode):
    """A file or directory this user may not read is the provider's failure, not a missing secret."""
    # Not below tmp_path, which other users cannot enter: then every case would fail for that reason.
    base = Path(os.environ.get('TMPDIR', '/tmp')) / f'netops-files-{os.getpid()}-{threading.get_native_id()}'
    lab = base / 'lab'
    try:
        write(lab / 'community')
        base.chmod(0o755)
        (lab / 'community').chmod(mode[1])
        lab.chmod(mode[0])
        # The modules are imported by the right user first: a checkout below /root is closed to others.
        code = 'import netops_worker.secrets, netops_worker.errors\n' + UNPRIVILEGED
        done = subprocess.run(
            [sys.executable, '-c', code, str(base), 'lab/community'],
            env={'PYTHONPATH': str(Path(__file__).parents[3] / 'worker')},
            capture_output=True,
            text=True,
        )
        assert done.stdout == 'secret:unavailable\n', done.stderr
    finally:
        lab.chmod(0o755)
        (lab / 'community').unlink()
        lab.rmdir()
        base.rmdir()


def test_leaves_no_descriptor_open(root):
    """However a look-up ends, it closes what it opened."""
    write(root / 'lab' / 'community')
    (root / 'out').symlink_to('/etc/passwd')
    provider = FileProvider(root)
    before = len(os.listdir('/proc/self/fd'))
    for reference in ('lab/community', 'out', 'missing', 'lab'):
        try:
            provider.resolve(reference)
        except NetOpsError:
            continue
    assert len(os.listdir('/proc/self/fd')) == before
