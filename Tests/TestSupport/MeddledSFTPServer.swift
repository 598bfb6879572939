import Glibc

/// A real SSH server with a real SFTP server behind it, and somebody in between who changes what it answers.
///
/// Its folder is a real one: whoever wants to know what became of a file looks there.
package struct MeddledSFTPServer: Sendable {
    /// A request of SFTP version 3, by the number of its packet.
    package enum Request: Int, Sendable, CaseIterable {
        case begin = 1
        case open = 3
        case close = 4
        case read = 5
        case write = 6
        case lookAt = 7
        case lookAtHandle = 8
        case openFolder = 11
        case readFolder = 12
        case makeFolder = 14
        case rename = 18
        case extended = 200
    }

    /// What becomes of an answer, or of the file before it is asked for.
    package enum Lie: String, Sendable, CaseIterable {
        /// It and all later ones never come.
        case silent
        /// The connection ends instead of it.
        case cut
        /// The connection ends in the middle of it.
        case half
        /// It comes a byte at a time.
        case drip
        case wrongID
        case twice
        /// A packet that answers something else.
        case otherType
        case hugeLength
        case zeroLength
        /// A string in it is longer than the packet.
        case longString
        /// Its second half is left out.
        case short
        case garbage
        case failure
        case denied
        case endOfFile
        /// A success without what was asked for.
        case success
        /// A refusal in a million words, with escape codes, and as many on standard error.
        case noise
        /// Names that are none, before the real ones.
        case evilNames
        /// More names are announced than come.
        case manyNames
        /// Names without end.
        case endlessNames
        /// No names, and no end.
        case noNames
        /// No attributes at all.
        case noAttributes
        /// All is said to be longer by 7 bytes.
        case longer
        /// The file that is read grows, is cut short, replaced, taken away, or written again with the same size and time.
        case grow, shrink, replace, remove, rewrite
    }

    /// The server that carries it.
    package let server: OpenSSHServer
    private let folder: TemporaryFolder

    /// Starts it; it meddles with nothing yet.
    package static func start() async throws -> MeddledSFTPServer {
        let folder = try TemporaryFolder("meddled")
        let program = try folder.write(Self.program, to: "meddle.py", mode: 0o755)
        var options = OpenSSHServer.Options()
        options.subsystem = "/usr/bin/python3 \(program) \(folder.path("order"))"
        return MeddledSFTPServer(server: try await OpenSSHServer.start(options), folder: folder)
    }

    /// Tells `lie` as the `nth` answer to such a request, counted from 1, of each of the next sessions.
    ///
    /// - Parameters:
    ///   - lie: What is told; `nil` for the truth.
    ///   - request: What it answers.
    ///   - nth: Which of them; 0 for all.
    ///   - sessions: How many sessions are lied to.
    package func tell(_ lie: Lie?, to request: Request = .begin, nth: Int = 1, sessions: Int = 1_000_000)
        throws
    {
        let order = lie.map { "\($0.rawValue) \(request.rawValue) \(nth) \(sessions)" } ?? "none 0 0 0"
        try folder.write(order, to: "next")
        guard rename(folder.path("next"), folder.path("order")) == 0 else { throw SystemError("rename") }
        unlink(folder.path("order.told"))
    }

    /// How often a lie was told since ``tell(_:to:nth:sessions:)``.
    package var told: Int { ((try? folder.read("order.told")) ?? []).count }

    private static let program = #"""
        import os, struct, subprocess, sys, threading, time
        ORDER = sys.argv[1]
        lie, kind, nth, sessions = "none", 0, 0, 0
        if os.path.exists(ORDER):
            lie, kind, nth, sessions = open(ORDER).read().split()
            mark = "%s.%d" % (ORDER, os.stat(ORDER).st_ino)
            with open(mark, "ab") as file: file.write(b"."); count = file.tell()
            if count > int(sessions): lie = "none"
        kind, nth = int(kind), int(nth)
        real = subprocess.Popen(["/usr/lib/openssh/sftp-server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        asked, seen, paths, opening, lock = {}, [0], {}, {}, threading.Lock()
        VERSION = "version"

        def u32(n): return struct.pack(">I", n)
        def string(b): return u32(len(b)) + b
        def packet(kind, body): return u32(len(body) + 1) + bytes([kind]) + body
        def write(data):
            while data: data = data[os.write(1, data):]
        def leave(): os._exit(0)
        def silence():
            while True: time.sleep(3600)
        def told():
            with open(ORDER + ".told", "ab") as file: file.write(b".")

        def packets(read):
            buffer = b""
            while True:
                chunk = read(65536)
                if not chunk: return
                buffer += chunk
                while len(buffer) >= 4:
                    length = struct.unpack(">I", buffer[:4])[0]
                    if len(buffer) < 4 + length: break
                    yield buffer[4:4 + length]
                    buffer = buffer[4 + length:]

        ON_DISK = {"grow", "shrink", "replace", "remove", "rewrite"}
        def meddle_on_disk(path):
            told()
            before = os.stat(path)
            if lie == "grow":
                with open(path, "ab") as file: file.write(b"G1,Grown,7.00,USD\n")
            if lie == "shrink": os.truncate(path, before.st_size // 2)
            if lie == "remove": os.unlink(path)
            if lie in ("replace", "rewrite"):
                data = open(path, "rb").read().replace(b"Acme", b"Bolt").replace(b"1.00", b"9.00")
                if lie == "replace":
                    with open(path + ".filepart", "wb") as file: file.write(data)
                    os.rename(path + ".filepart", path)
                else:
                    with open(path, "r+b") as file: file.write(data)
                os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

        def from_client():
            for each in packets(lambda n: os.read(0, n)):
                type = each[0]
                if type == 1: asked[VERSION] = 1
                else:
                    id = struct.unpack(">I", each[1:5])[0]
                    asked[id] = type
                    if type in (3, 4, 5):
                        length = struct.unpack(">I", each[5:9])[0]
                        name = each[9:9 + length]
                        if type == 3: opening[id] = name
                        if type == 5 and lie in ON_DISK and kind == 5:
                            seen[0] += 1
                            if seen[0] == nth and name in paths: meddle_on_disk(paths[name])
                real.stdin.write(u32(len(each)) + each)
            leave()

        def attributes(data, at):
            flags = struct.unpack(">I", data[at:at + 4])[0]
            end = at + 4 + (8 if flags & 1 else 0) + (8 if flags & 2 else 0) + (4 if flags & 4 else 0) + (8 if flags & 8 else 0)
            size = at + 4 if flags & 1 else None
            if flags & 0x80000000:
                pairs = struct.unpack(">I", data[end:end + 4])[0]; end += 4
                for _ in range(2 * pairs): end += 4 + struct.unpack(">I", data[end:end + 4])[0]
            return size, end

        def places(reply):
            if reply[0] == 105: return [(5,) + attributes(reply, 5)]
            found, at = [], 9
            for _ in range(struct.unpack(">I", reply[5:9])[0]):
                for _ in range(2): at += 4 + struct.unpack(">I", reply[at:at + 4])[0]
                size, end = attributes(reply, at)
                found.append((at, size, end)); at = end
            return found

        EVIL = [b"../evil.csv", b"/etc/cron.d/x.csv", b"a/../../x", b"..", b".", b"", b"nul\0.csv", b"n" * 4096,
                b"new\nline.csv", b"cr\r.csv", b"esc\x1b]0;x\x07\x1b[2J.csv", b"bad\xff\xfe.csv", "\u202egnp.csv".encode(),
                b"-rf.csv", b"$(touch x)`touch y`.csv", b"';DROP TABLE file;--.csv", b"<script>alert(1)</script>.csv",
                b"CON.csv", b"C:\\x.csv", b"A.csv", b"a.csv", "e\u0301.csv".encode(), "\u00e9.csv".encode()]
        number = [0]

        def tell(reply, id):
            told()
            type = reply[0]
            head, body = (reply[:1], reply[1:]) if type == 2 else (reply[:5], reply[5:])
            def status(code, words=b"no"): return packet(101, u32(id) + u32(code) + string(words) + string(b""))
            whole = u32(len(reply)) + reply
            if lie == "silent": silence()
            if lie == "cut": leave()
            if lie == "half": write(whole[:len(whole) // 2]); leave()
            if lie == "drip":
                for byte in whole: write(bytes([byte])); time.sleep(0.01)
                return
            if lie == "wrongID": return write(u32(len(reply)) + head[:1] + u32(id + 77777) + body)
            if lie == "twice": return write(whole * 2)
            if lie == "otherType": return write(packet(104 if type == 102 else 102, u32(id) + string(b"h")))
            if lie == "hugeLength": return write(u32(0xfffffff0) + reply)
            if lie == "zeroLength": return write(u32(0) + reply)
            if lie == "longString": return write(u32(len(reply)) + head + u32(0x7fffffff) + body[4:])
            if lie == "short": return write(packet(type, reply[1:len(reply) // 2]))
            if lie == "garbage": return write(os.urandom(64))
            if lie == "failure": return write(status(4))
            if lie == "denied": return write(status(3))
            if lie == "endOfFile": return write(status(1))
            if lie == "success": return write(status(0))
            if lie == "noise":
                os.write(2, b"\x1b[2Jnoise " * 100000)
                return write(status(4, b"\x1b]0;x\x07no " * 90000))
            if lie == "noNames": return write(packet(104, u32(id) + u32(0)))
            if lie == "endlessNames":
                names = b""
                for _ in range(200):
                    number[0] += 1
                    names += string(b"endless-%09d.csv" % number[0]) + string(b"") + struct.pack(">IQIII", 0xd, 5, 0o100644, 1, 1)
                return write(packet(104, u32(id) + u32(200) + names))
            if type in (104, 105) and lie in ("evilNames", "manyNames", "noAttributes", "longer"):
                if lie == "manyNames" and type == 104: return write(packet(104, u32(id) + u32(0xffffff) + reply[9:]))
                if lie == "evilNames" and type == 104:
                    evil = b"".join(string(n) + string(b"") + struct.pack(">IQIII", 0xd, 5, 0o100644, 1, 1) for n in EVIL)
                    count = struct.unpack(">I", reply[5:9])[0]
                    return write(packet(104, u32(id) + u32(count + len(EVIL)) + evil + reply[9:]))
                if lie == "longer":
                    changed = bytearray(reply)
                    for _, size, _ in places(reply):
                        if size: changed[size:size + 8] = struct.pack(">Q", struct.unpack(">Q", reply[size:size + 8])[0] + 7)
                    return write(u32(len(changed)) + bytes(changed))
                if lie == "noAttributes":
                    changed, before = b"", 0
                    for start, _, end in places(reply):
                        changed += reply[before:start] + u32(0); before = end
                    changed += reply[before:]
                    return write(u32(len(changed)) + changed)
            write(whole)

        threading.Thread(target=from_client, daemon=True).start()
        for reply in packets(lambda n: os.read(real.stdout.fileno(), n)):
            id = None if reply[0] == 2 else struct.unpack(">I", reply[1:5])[0]
            type = asked.pop(VERSION if id is None else id, None)
            if reply[0] == 102 and id in opening: paths[reply[9:]] = opening.pop(id)
            if lie != "none" and lie not in ON_DISK and type == kind:
                seen[0] += 1
                if nth == 0 or seen[0] == nth:
                    tell(reply, id or 0)
                    continue
            write(u32(len(reply)) + reply)
        leave()
        """#
}
