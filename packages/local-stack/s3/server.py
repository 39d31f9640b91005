"""An S3 (and KMS) server on moto that keeps what it was given.

    python server.py --host 127.0.0.1 --port 5000 --data FOLDER [--bucket NAME]

moto answers as S3 does but holds everything in memory. Here each object's bytes are a file, written before moto knows
of the object, and each request that changes something is answered only after the changed descriptions (pickles, each
replaced by one rename) lie beside them. So buckets with their settings, objects, versions, tags, unfinished multipart
uploads and KMS keys survive an end of the server at any moment, kill -9 included. Nothing is flushed to the disk itself: a
crash of the machine may lose the last seconds.

Requests are carried out one after another. That makes If-None-Match as atomic as S3 makes it, and an object that is
overwritten is read whole; moto by itself looks first and writes later. Addresses are path-style only. Signatures are not checked: loopback only.
"""

import argparse
import base64
import contextlib
import copyreg
import hashlib
import json
import logging
import os
import pickle
import shutil
import signal
import tempfile
import threading
import types
import uuid

# moto reads these when it is imported. The first: the bucket stands in the path, never in the host's name.
os.environ["S3_IGNORE_SUBDOMAIN_BUCKETNAME"] = "true"
os.environ["MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS"] = "true"

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.common_models import BaseModel
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.kms.models import kms_backends
from moto.s3 import models as s3
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import Client

READING = ("GET", "HEAD", "OPTIONS")
# Of KMS; all else changes a key.
KMS_READING = ("Encrypt", "Decrypt", "ReEncrypt", "Generate", "Describe", "Get", "List", "Sign", "Verify")
# A body up to this size is held in memory while it is read from the client.
BODY_IN_MEMORY = 1024 * 1024

values_folder = ""
# Files of values that nothing refers to any more; they go when the descriptions say so too.
doomed = []


class StoredValue:
    """An object's bytes in a file of their own: what moto takes for a SpooledTemporaryFile, without an open file each."""

    def __init__(self, max_size=0):
        self.name = uuid.uuid4().hex
        self.position = 0

    @property
    def path(self):
        return os.path.join(values_folder, self.name)

    def seek(self, position):
        self.position = position

    def truncate(self):
        open(self.path, "wb").close()

    def write(self, data):
        with open(self.path, "ab") as file:
            file.write(data)

    def read(self, size=-1):
        with open(self.path, "rb") as file:
            file.seek(self.position)
            data = file.read(size)
        self.position += len(data)
        return data

    def close(self):
        doomed.append(self.path)


def without(thing, *names):
    return {name: value for name, value in thing.__dict__.items() if name not in names}


def restored_key(state):
    key = s3.FakeKey.__new__(s3.FakeKey)
    key.__dict__.update(state, lock=threading.Lock())
    return key


def restored_bucket(state):
    bucket = s3.FakeBucket.__new__(s3.FakeBucket)
    bucket.__dict__.update(state, keys=s3._VersionedKeyStore())
    return bucket


def restored_private_key(der):
    return load_der_private_key(der, None)


class Descriptions(pickle.Pickler):
    """Pickles what moto knows of a thing; values by the names of their files, a bucket without its objects."""

    dispatch_table = copyreg.dispatch_table.copy()
    dispatch_table[s3.FakeKey] = lambda key: (restored_key, (without(key, "lock"),))
    dispatch_table[s3.FakeBucket] = lambda bucket: (restored_bucket, (without(bucket, "keys"),))

    def reducer_override(self, thing):
        # Every KMS key has a private key of the cryptography package beside it.
        if not hasattr(thing, "private_bytes"):
            return NotImplemented
        der = thing.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return restored_private_key, (der,)


def write(path, thing):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "wb") as file:
        Descriptions(file).dump(thing)
    os.replace(path + ".new", path)


def read(path):
    with open(path, "rb") as file:
        return pickle.load(file)


class Store:
    """Folder: values/<uuid>, buckets/<name>/bucket, buckets/<name>/objects/<SHA-256 of the key>, kms."""

    def __init__(self, folder):
        self.buckets = os.path.join(folder, "buckets")
        self.kms = os.path.join(folder, "kms")
        # bucket -> key -> ids of its versions, as they are on disk.
        self.kept = {}

    @property
    def backend(self):
        return s3.s3_backends[DEFAULT_ACCOUNT_ID]["aws"]

    def object_file(self, bucket, name):
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
        return os.path.join(self.buckets, bucket, "objects", digest)

    def restore(self):
        used = set()
        for name in os.listdir(self.buckets) if os.path.isdir(self.buckets) else []:
            folder = os.path.join(self.buckets, name)
            try:
                bucket, tags = read(os.path.join(folder, "bucket"))
            except FileNotFoundError:
                shutil.rmtree(folder)  # its making or its deletion was cut short
                continue
            self.backend.buckets[name] = bucket
            s3.s3_backends.bucket_accounts[name] = (bucket.partition, bucket.account_id)
            self.backend.tagger.tags.update(tags)
            parts = [part for upload in bucket.multiparts.values() for part in upload.parts.values()]
            self.kept[name] = {}
            objects = os.path.join(folder, "objects")
            for file in os.listdir(objects) if os.path.isdir(objects) else []:
                if file.endswith(".new"):
                    continue
                key, versions, tags = read(os.path.join(objects, file))
                dict.__setitem__(bucket.keys, key, versions)
                self.backend.tagger.tags.update(tags)
                self.kept[name][key] = [version.version_id for version in versions]
                parts += versions
            used.update(part._value_buffer.name for part in parts if isinstance(part, s3.FakeKey))
        for name in set(os.listdir(values_folder)) - used:
            os.remove(os.path.join(values_folder, name))
        if os.path.exists(self.kms):
            for region, state in read(self.kms).items():
                kms_backends[DEFAULT_ACCOUNT_ID][region].__dict__.update(state)

    def keep_bucket(self, name):
        bucket = self.backend.buckets.get(name)
        if bucket is None:
            self.kept.pop(name, None)
            shutil.rmtree(os.path.join(self.buckets, name), ignore_errors=True)
            return
        write(os.path.join(self.buckets, name, "bucket"), (bucket, self.tags_of([bucket])))

    def keep_object(self, bucket_name, name):
        bucket = self.backend.buckets.get(bucket_name)
        if bucket is None:
            return
        kept = self.kept.setdefault(bucket_name, {})
        versions = bucket.keys.getlist(name)
        file = self.object_file(bucket_name, name)
        if versions:
            write(file, (name, versions, self.tags_of(versions)))
            kept[name] = [version.version_id for version in versions]
        elif name in kept:
            os.remove(file)
            del kept[name]

    def keep_changed_objects(self, bucket_name):
        """For a request that names its objects in its body."""
        bucket = self.backend.buckets.get(bucket_name)
        kept = self.kept.get(bucket_name, {})
        for name in list(kept) if bucket is not None else []:
            if [version.version_id for version in bucket.keys.getlist(name, [])] != kept[name]:
                self.keep_object(bucket_name, name)

    def keep_kms(self):
        regions = kms_backends[DEFAULT_ACCOUNT_ID]
        state = {name: {"keys": regions[name].keys, "tagger": regions[name].tagger} for name in list(regions)}
        write(self.kms, state)

    def tags_of(self, things):
        tags = self.backend.tagger.tags
        return {thing.arn: tags[thing.arn] for thing in things if hasattr(thing, "arn") and thing.arn in tags}


def permission(bucket, action, resource):
    """
    What the bucket's policy says of a request. moto knows no conditions: a policy that denies whatever comes without TLS
    would deny everything. Loopback stands for TLS here, so that such a statement denies nothing.
    """
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    policy = json.loads(bucket.policy)
    statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    policy["Statement"] = [one for one in statements if not only_without_tls(one)]
    return IAMPolicy(json.dumps(policy)).is_action_permitted(action, resource)


def only_without_tls(statement):
    secure = statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport")
    return statement["Effect"] == "Deny" and str(secure).lower() == "false"


def sha256_of(file):
    digest = hashlib.sha256()
    file.seek(0)
    while data := file.read(BODY_IN_MEMORY):
        digest.update(data)
    return base64.b64encode(digest.digest()).decode()


def bad_digest(start_response):
    """What S3 answers to bytes that are not those of the checksum; moto would take them."""
    text = "<Error><Code>BadDigest</Code><Message>The SHA256 you specified did not match what we received.</Message></Error>"
    start_response("400 Bad Request", [("Content-Type", "application/xml"), ("Content-Length", str(len(text)))])
    return [text.encode()]


class Application:
    def __init__(self, store):
        self.store = store
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        # moto's own door to its state knows nothing of the files.
        if environ["PATH_INFO"].startswith("/moto-api"):
            start_response("404 Not Found", [("Content-Length", "0")])
            return []
        # Read whole before anything waits for it: a client that stalls in the middle holds up nobody else.
        body = tempfile.SpooledTemporaryFile(BODY_IN_MEMORY)
        left = int(environ.get("CONTENT_LENGTH") or 0)
        whole = environ.get("wsgi.input_terminated", False)
        while whole or left > 0:
            data = environ["wsgi.input"].read(BODY_IN_MEMORY if whole else min(left, BODY_IN_MEMORY))
            if not data:
                break
            body.write(data)
            left -= len(data)
        if left > 0 and not whole:
            raise ConnectionError("the client left in the middle of its request")
        if whole:
            environ["CONTENT_LENGTH"] = str(body.tell())
        # Elsewhere the header is of the object, not of this body: at the end of a multipart upload.
        if environ["REQUEST_METHOD"] == "PUT" and "HTTP_X_AMZ_CHECKSUM_SHA256" in environ:
            stated = environ["HTTP_X_AMZ_CHECKSUM_SHA256"]
            if stated != sha256_of(body):
                return bad_digest(start_response)
            # Without this moto forgets a checksum that came as a header.
            environ.setdefault("HTTP_X_AMZ_SDK_CHECKSUM_ALGORITHM", "SHA256")
        body.seek(0)
        environ["wsgi.input"] = body
        with self.lock:
            answer = list(self.moto(environ, start_response))
            if environ["REQUEST_METHOD"] not in READING:
                self.keep(environ)
            while doomed:
                with contextlib.suppress(FileNotFoundError):
                    os.remove(doomed.pop())
            return answer

    def keep(self, environ):
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        if target:
            operation = target.partition(".")[2]
            if target.startswith("TrentService.") and not operation.startswith(KMS_READING):
                self.store.keep_kms()
            return
        # WSGI hands the path over decoded, byte by byte as latin-1.
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        bucket, _, name = path[1:].partition("/")
        if bucket == "":
            return
        self.store.keep_bucket(bucket)
        if name != "":
            self.store.keep_object(bucket, name)
        elif environ["REQUEST_METHOD"] == "POST":
            self.store.keep_changed_objects(bucket)


ENCRYPTION = """<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>
<SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>"""
ACCESS_BLOCK = """<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls>
<IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy>
<RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>"""


def make_bucket(application, name):
    """A bucket as an archive's should be: encrypted by default, nothing public, TLS only. One that is there keeps its objects."""
    tls_only = {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    client = Client(application)
    making = [] if name in application.store.backend.buckets else [("", b"")]
    for settings, body in [
        *making,
        ("?encryption", ENCRYPTION),
        ("?publicAccessBlock", ACCESS_BLOCK),
        ("?policy", json.dumps({"Version": "2012-10-17", "Statement": [tls_only]})),
    ]:
        answer = client.put(f"/{name}{settings}", data=body)
        if answer.status_code >= 300:
            raise SystemExit(f"bucket {name}{settings}: {answer.status} {answer.get_data(as_text=True)}")


def main():
    global values_folder
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--bucket", help="a bucket that is to be there, with the settings of an archive's")
    given = parser.parse_args()
    values_folder = os.path.join(given.data, "values")
    os.makedirs(values_folder, exist_ok=True)

    s3.tempfile = types.SimpleNamespace(SpooledTemporaryFile=StoredValue)
    # moto remembers every object that ever was, for a reset that is not there; and lets one that is forgotten take its
    # value with it, which at the end of the process would be all of them.
    BaseModel.__new__ = lambda cls, *args, **kwargs: object.__new__(cls)
    del s3.FakeKey.__del__
    s3.FakeBucket.get_permission = permission
    # Head and body of an answer are two writes: without this the second waits for the client's late acknowledgement.
    WSGIRequestHandler.disable_nagle_algorithm = True
    logging.getLogger("werkzeug").setLevel(logging.ERROR)

    store = Store(given.data)
    store.restore()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    application = Application(store)
    if given.bucket is not None:
        make_bucket(application, given.bucket)
    make_server(given.host, given.port, application, threaded=True).serve_forever()


if __name__ == "__main__":
    main()
