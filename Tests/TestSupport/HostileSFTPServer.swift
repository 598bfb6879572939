/// A real SSH server whose SFTP subsystem lies.
///
/// It serves `/in` with `small.csv` (``small``), `big.csv` (``big``) and `empty.csv`, all in memory.
package struct HostileSFTPServer: Sendable {
    /// What it does wrong.
    package enum Lie: String, CaseIterable, Sendable {
        /// Nothing.
        case none
        /// Answers what has come in one go in reverse order.
        case reverse
        case oneByteReads
        /// Says that `big.csv` is longer than it is, and meets its end early.
        case endsEarly
        /// Answers the READ at offset 0 last, after the ends of the others.
        case lateHead
        case wrongID
        case answersTwice
        case emptyData
        case longData
        case handleForRead
        case namesForClose
        case hugePacket
        case nameCount
        case longString
        case extendedCount
        case endlessFolder
        /// Ends a listing with no names instead of an end of file.
        case emptyNames
        case sameNameTwice
        case evilNames
        /// Says that `small.csv` has 20 bytes, and has more at every offset.
        case endlessFile
        case silentAtStart
        case silentAtOpen
        case silentInFile
        case silentInFolder
        case errorInFile
        case versionTwo
        case noAttributes
        case noise
        case endsInPacket
        case grows
        case refusesRename
        /// Renames and falls silent.
        case renamesSilently
    }

    package static let small = Array("id,amount\n1,2.50\n".utf8)
    package static let big: [UInt8] = (0..<1_000_000).map { UInt8($0 % 251) }

    /// The server that carries it; its log has what OpenSSH says.
    package let server: OpenSSHServer

    package static func start(_ lie: Lie) async throws -> HostileSFTPServer {
        let folder = try TemporaryFolder("hostile")
        let program = try folder.write(Self.program, to: "hostile.py", mode: 0o755)
        var options = OpenSSHServer.Options()
        options.subsystem = "/usr/bin/python3 \(program) \(lie.rawValue)"
        let server = try await OpenSSHServer.start(options)
        return HostileSFTPServer(server: server, folder: folder)
    }

    /// Held until the end: the program lies in it.
    private let folder: TemporaryFolder

    private static let program = #"""
        import os, select, struct, sys

        LIE = sys.argv[1]
        BIG = (bytes(range(251)) * 4000)[:1000000]
        SMALL = b"id,amount\n1,2.50\n"
        FILES = {b"/in/small.csv": SMALL, b"/in/big.csv": BIG, b"/in/empty.csv": b""}
        FOLDERS = {b"/", b"/in"}
        handles, grown, answers, counter = {}, [0], [], [0]

        def u32(n): return struct.pack(">I", n)
        def string(b): return u32(len(b)) + b
        def packet(kind, body): return u32(len(body) + 1) + bytes([kind]) + body
        def write(data):
            while data: data = data[os.write(1, data):]
        def status(id, code, words=b"no\x1b[31m"): return packet(101, u32(id) + u32(code) + string(words) + string(b""))
        def silent():
            while os.read(0, 65536): pass
            sys.exit()

        def attributes(path):
            if LIE == "noAttributes": return u32(0)
            if path in FOLDERS: return struct.pack(">IQIII", 0xd, 0, 0o040755, 1, 1)
            size = len(FILES[path]) + grown[0]
            if LIE == "endsEarly" and path == b"/in/big.csv": size += 50000
            if LIE == "lateHead" and path == b"/in/big.csv": size += 50000
            if LIE == "endlessFile" and path == b"/in/small.csv": size = 20
            return struct.pack(">IQIII", 0xd, size, 0o100644, 1, 1700000000)

        def listing(path):
            if LIE == "evilNames":
                evil = [b"../evil.csv", b"/etc/cron.d/x.csv", b"a/../../x", b"..", b".", b"", b"nul\0.csv",
                        b"n" * 4096, b"new\nline.csv", b"esc\x1b[2J.csv", b"bad\xff\xfe.csv", b"-rf", b"$(cmd).csv"]
                return [(n, u32(0x4) + u32(0o100644)) for n in evil] + [(b"small.csv", attributes(b"/in/small.csv"))]
            names = [(n.rsplit(b"/", 1)[1], attributes(n)) for n in FILES if n.startswith(path + b"/")]
            if LIE == "sameNameTwice":
                names.append((b"small.csv", struct.pack(">IQIII", 0xd, 999, 0o100644, 1, 7)))
            return names

        def names(id, entries): return packet(104, u32(id) + u32(len(entries)) + b"".join(
            string(n) + string(b"-rw-r--r-- " + n) + a for n, a in entries))

        def read(id, path, offset, count):
            data = FILES[path]
            if LIE == "endlessFile": return packet(103, u32(id) + string(b"x" * count))
            if LIE == "silentInFile" and offset > 0: silent()
            if LIE == "errorInFile" and offset > 0: return status(id, 4)
            if LIE == "wrongID": return packet(103, u32(id + 77777) + string(b"x"))
            if LIE == "emptyData": return packet(103, u32(id) + string(b""))
            if LIE == "longData": return packet(103, u32(id) + string(b"x" * (count + 1)))
            if LIE == "handleForRead": return packet(102, u32(id) + string(b"h"))
            if LIE == "hugePacket": return u32(0xfffffff0) + b"\x67" + u32(id)
            if LIE == "longString": return packet(103, u32(id) + u32(0x7fffffff) + b"x")
            if LIE == "endsInPacket":
                write(packet(103, u32(id) + string(b"x" * count))[:9]); sys.exit(1)
            piece = data[offset:offset + (1 if LIE == "oneByteReads" else count)]
            if LIE == "grows": grown[0] += 1
            reply = packet(103, u32(id) + string(piece)) if piece else status(id, 1)
            return reply * 2 if LIE == "answersTwice" else reply

        def answer(kind, body):
            id = struct.unpack(">I", body[:4])[0]
            rest, fields = body[4:], []
            def take():
                nonlocal rest
                n = struct.unpack(">I", rest[:4])[0]
                value, rest = rest[4:4 + n], rest[4 + n:]
                return value
            if kind == 200: return status(id, 8)
            name = take()
            if kind in (3, 11):
                if LIE == "silentAtOpen": silent()
                if name not in (FILES if kind == 3 else FOLDERS): return status(id, 2)
                counter[0] += 1
                handle = b"h%d" % counter[0]
                handles[handle] = [name, 0]
                return packet(102, u32(id) + string(handle))
            if kind == 4:
                handles.pop(name, None)
                return names(id, []) if LIE == "namesForClose" else status(id, 0)
            if kind == 5:
                offset, count = struct.unpack(">QI", rest)
                return read(id, handles[name][0], offset, count)
            if kind == 12:
                open_ = handles[name]
                open_[1] += 1
                if LIE == "silentInFolder": silent()
                if LIE == "nameCount": return packet(104, u32(id) + u32(0xffffffff) + b"x" * 40)
                if LIE == "extendedCount":
                    return packet(104, u32(id) + u32(1) + string(b"a") + string(b"a") + u32(0x80000000) + u32(0xffffffff))
                if LIE == "endlessFolder":
                    return names(id, [(b"file-%09d" % (open_[1] * 100 + i), attributes(b"/in/small.csv")) for i in range(100)])
                if open_[1] == 1: return names(id, listing(open_[0]))
                return names(id, []) if LIE == "emptyNames" else status(id, 1)
            if kind in (7, 17, 8):
                path = handles[name][0] if kind == 8 else name
                if path not in FILES and path not in FOLDERS: return status(id, 2)
                return packet(105, u32(id) + attributes(path))
            if kind == 16: return names(id, [(b"/", u32(0))])
            if kind == 18:
                new = take()
                if LIE == "refusesRename": return status(id, 4)
                if new in FILES or name not in FILES: return status(id, 4)
                FILES[new] = FILES.pop(name)
                if LIE == "renamesSilently": silent()
                return status(id, 0)
            if kind == 13: return status(id, 0 if FILES.pop(name, None) is not None else 2)
            if kind == 14:
                if name in FOLDERS: return status(id, 4)
                FOLDERS.add(name)
                return status(id, 0)
            return status(id, 8)

        if LIE == "noise":
            os.write(2, b"\x1b[2Jnoise " * 20000)
        buffer = b""
        while True:
            chunk = os.read(0, 65536)
            if not chunk: break
            buffer += chunk
            while len(buffer) >= 4:
                length = struct.unpack(">I", buffer[:4])[0]
                if len(buffer) < 4 + length: break
                kind, body, buffer = buffer[4], buffer[5:4 + length], buffer[4 + length:]
                if kind == 1:
                    if LIE == "silentAtStart": silent()
                    write(packet(2, u32(2 if LIE == "versionTwo" else 3) + string(b"what@is.this") + string(b"\xff")))
                    continue
                reply = answer(kind, body)
                late = LIE == "lateHead" and kind == 5 and struct.unpack(">Q", body[-12:-4])[0] == 0
                answers.append((late, reply))
            if LIE == "reverse" or LIE == "lateHead":
                # Everything that comes in one go, so that there is an order to turn round.
                if select.select([0], [], [], 0.02)[0]: continue
            if LIE == "reverse": answers.reverse()
            answers.sort(key=lambda each: each[0])
            for _, reply in answers: write(reply)
            answers.clear()
        """#
}
