// swift-tools-version:5.9
import PackageDescription

let package = Package(
    name: "SwiftApp",
    platforms: [.macOS(.v12)],
    dependencies: [.package(name: "Eventify", path: "../../bindings/uniffi/swift")],
    targets: [
        .executableTarget(name: "SwiftApp", dependencies: [.product(name: "Eventify", package: "Eventify")])
    ]
)
