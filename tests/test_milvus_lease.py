import os
import platform
import subprocess
import sys
import time

import pytest

from rag.errors import IndexBusy
from rag.milvus.collections import create_meta
from rag.milvus.lease import LEASE, leasing
from rag.milvus.server import Milvus
from tests.lite import Server


@pytest.fixture
def milvus(server: Server) -> Milvus:
    milvus = server.milvus()
    create_meta(milvus)
    return milvus


def held(milvus: Milvus, **changes: object) -> None:
    about = {"owner": "other", "host": "wiki", "process": 1, "until": time.time() + LEASE}
    milvus.write_meta("lease", about | changes)


def test_one_writer_at_a_time(milvus: Milvus) -> None:
    with leasing(milvus):
        said = f"^{milvus}: process {os.getpid()} on .* is writing this index; run again .* in 10 minutes$"
        with pytest.raises(IndexBusy, match=said), leasing(milvus):
            pytest.fail("two write")
    assert milvus.read_meta("lease") is None
    with leasing(milvus):
        pass


def test_a_lease_that_ran_out_is_free(milvus: Milvus) -> None:
    held(milvus, until=time.time() - 1)
    with leasing(milvus) as lease:
        lease.renew()


def test_the_lease_of_a_process_that_died_here_is_free(milvus: Milvus) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    held(milvus, host=platform.node(), process=process.pid)
    with leasing(milvus) as lease:
        lease.renew()


def test_a_process_of_another_machine_is_waited_for(milvus: Milvus) -> None:
    held(milvus, process=2**22)
    with pytest.raises(IndexBusy, match="process 4194304 on wiki is writing this index"), leasing(milvus):
        pytest.fail("two write")


def test_who_lost_it_finds_out(milvus: Milvus) -> None:
    with leasing(milvus) as lease:
        held(milvus)
        with pytest.raises(IndexBusy, match=f"^{milvus}: process 1 on wiki took over writing; the index is as it was$"):
            lease.renew()
    assert (milvus.read_meta("lease") or {})["owner"] == "other"


def test_of_two_that_begin_at_once_the_later_writes(milvus: Milvus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Milvus, "is_file", False)
    monkeypatch.setattr("rag.milvus.lease.time.sleep", lambda seconds: held(milvus))
    with pytest.raises(IndexBusy, match="took over writing"), leasing(milvus):
        pytest.fail("two write")
