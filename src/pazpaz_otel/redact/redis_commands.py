"""Redis commands without their arguments."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

# https://redis.io/docs/latest/commands/ : the words that clients send first, and the second words of containers.
COMMANDS: Final = frozenset(
    """
    ACL APPEND AUTH BGSAVE BITCOUNT BITFIELD BITOP BITPOS BLMOVE BLMPOP BLPOP BRPOP BRPOPLPUSH BZMPOP BZPOPMAX
    BZPOPMIN CLIENT CLUSTER COMMAND CONFIG COPY DBSIZE DECR DECRBY DEL DISCARD DUMP ECHO EVAL EVALSHA EXEC EXISTS
    EXPIRE EXPIREAT EXPIRETIME FCALL FLUSHALL FLUSHDB FUNCTION GEOADD GEODIST GEOHASH GEOPOS GEOSEARCH GET GETBIT
    GETDEL GETEX GETRANGE GETSET HDEL HELLO HEXISTS HGET HGETALL HINCRBY HINCRBYFLOAT HKEYS HLEN HMGET HMSET HSCAN
    HSET HSETNX HSTRLEN HVALS INCR INCRBY INCRBYFLOAT INFO KEYS LASTSAVE LINDEX LINSERT LLEN LMOVE LMPOP LPOP LPOS
    LPUSH LPUSHX LRANGE LREM LSET LTRIM MGET MIGRATE MOVE MSET MSETNX MULTI OBJECT PERSIST PEXPIRE PEXPIREAT PFADD
    PFCOUNT PFMERGE PING PSETEX PSUBSCRIBE PTTL PUBLISH PUBSUB PUNSUBSCRIBE QUIT RANDOMKEY READONLY RENAME RENAMENX
    RESET RESTORE ROLE RPOP RPOPLPUSH RPUSH RPUSHX SADD SAVE SCAN SCARD SCRIPT SDIFF SDIFFSTORE SELECT SET SETBIT
    SETEX SETNX SETRANGE SINTER SINTERCARD SINTERSTORE SISMEMBER SLOWLOG SMEMBERS SMISMEMBER SMOVE SORT SPOP
    SPUBLISH SRANDMEMBER SREM SSCAN SSUBSCRIBE STRLEN SUBSCRIBE SUNION SUNIONSTORE SUNSUBSCRIBE SWAPDB TIME TOUCH
    TTL TYPE UNLINK UNSUBSCRIBE UNWATCH WAIT WATCH XACK XADD XAUTOCLAIM XCLAIM XDEL XGROUP XINFO XLEN XPENDING
    XRANGE XREAD XREADGROUP XREVRANGE XTRIM ZADD ZCARD ZCOUNT ZDIFF ZINCRBY ZINTER ZLEXCOUNT ZMSCORE ZPOPMAX
    ZPOPMIN ZRANDMEMBER ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANGESTORE ZRANK ZREM ZREMRANGEBYLEX ZREMRANGEBYRANK
    ZREMRANGEBYSCORE ZREVRANGE ZREVRANGEBYSCORE ZREVRANK ZSCAN ZSCORE ZUNION ZUNIONSTORE PIPELINE
    """.split()
)
_WORD: Final = re.compile(r"[A-Z]+")
_LONGEST: Final = 65536


@lru_cache(maxsize=1024)
def sanitise(statement: str) -> str | None:
    """Return the commands of a statement, each argument a `?`; `None` where a line isn't a known command.

    Args:
        statement: what the client sent, a command a line, as `db.query.text` holds it.
    """
    if len(statement) > _LONGEST:
        return None
    lines = []
    for line in statement.split("\n"):
        command, *arguments = line.split(" ")
        if command.upper() not in COMMANDS:
            return None
        lines.append(" ".join([command.upper(), *("?" for _ in arguments)]))
    return "\n".join(lines)


@lru_cache(maxsize=1024)
def is_name(text: str) -> bool:
    """Return whether a text is one or more commands, as the name of a span holds them."""
    words = text.split(" ")
    return len(words) <= 64 and all(_WORD.fullmatch(word) and word in COMMANDS for word in words)  # noqa: PLR2004
