"""S3's objects, in files as well as in memory."""

import hashlib
import shutil
from pathlib import Path
from typing import Literal, override

from localstack.services.s3.models import S3Object
from localstack.services.s3.storage.ephemeral import (
    S3_MAX_FILE_SIZE_BYTES,
    EphemeralS3ObjectStore,
    EphemeralS3StoredObject,
    LockedSpooledTemporaryFile,
)


class _KeptObject(EphemeralS3StoredObject):
    """Writes its file when it is closed."""

    path: Path

    @override
    def close(self) -> None:
        if self._mode == "w" and not self.closed:
            with self.file.position_lock:
                self.file.seek(0)
                temporary = self.path.with_suffix(".new")
                with temporary.open("wb") as file:
                    shutil.copyfileobj(self.file, file)
                temporary.replace(self.path)
        super().close()


class KeptS3ObjectStore(EphemeralS3ObjectStore):
    """Objects in `<root>/<bucket>/`, read when they are first requested. Multipart uploads are kept
    when they are complete."""

    @override
    def open(
        self, bucket: str, s3_object: S3Object, mode: Literal["r", "w"] = "r"
    ) -> EphemeralS3StoredObject:
        key = self._key_from_s3_object(s3_object)
        path = Path(self.root_directory, bucket, key)
        file = self._get_object_file(bucket, key)
        if file is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = LockedSpooledTemporaryFile(dir=path.parent, max_size=S3_MAX_FILE_SIZE_BYTES)
            if path.exists():
                file.write(path.read_bytes())
                file.internal_last_modified = s3_object.internal_last_modified
            self._filesystem[bucket]["keys"][key] = file
        stored = _KeptObject(s3_object=s3_object, file=file, mode=mode)
        stored.path = path
        return stored

    @override
    def remove(self, bucket: str, s3_object: S3Object | list[S3Object]) -> None:
        super().remove(bucket, s3_object)
        for removed in s3_object if isinstance(s3_object, list) else [s3_object]:
            key = self._key_from_s3_object(removed)
            Path(self.root_directory, bucket, key).unlink(missing_ok=True)

    @override
    def delete_bucket(self, bucket: str) -> None:
        super().delete_bucket(bucket)
        shutil.rmtree(Path(self.root_directory, bucket), ignore_errors=True)

    @override
    @staticmethod
    def _key_from_s3_object(s3_object: S3Object) -> str:
        """The same in every process, unlike Python's hash."""
        name = f"{s3_object.key}?{s3_object.version_id or 'null'}"
        return hashlib.sha256(name.encode()).hexdigest()
